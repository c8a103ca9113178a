// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Frontier

extension FetchBench {
    /// Crawls simulated hosts with the frontier alone, and prints a report.
    ///
    /// - Returns: True if each check held.
    package static func crawlSimulatedHosts(
        _ plan: CrawlPlan,
        say: (String) -> Void = { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) }
    ) -> Bool {
        var crawl = SimulatedCrawl(plan)
        var (memory, report) = (CrawlMemory(), CrawlReport())
        say(CrawlReport.heading)
        var looks = 0
        while crawl.turn() {
            // `memory.look` takes time, so the loop calls it at most a hundred times.
            guard crawl.watch.ends * 100 / plan.tasks > looks else { continue }
            looks = crawl.watch.ends * 100 / plan.tasks
            memory.look(hosts: crawl.frontier.hostCount)
            if looks % 10 == 0 { say(report.line(crawl, memory, tenth: looks / 10)) }
        }
        crawl.checkEnd()
        memory.look(hosts: crawl.frontier.hostCount)
        say("\n" + report.sums(crawl, memory))
        return crawl.watch.faults.isEmpty
    }
}

extension SimulatedCrawl {
    /// Checks that all tasks have ended, that the frontier is empty and counts no bytes, and that no fetch is
    /// in flight.
    mutating func checkEnd() {
        if watch.ends != plan.tasks { watch.note("\(watch.ends) of \(plan.tasks) tasks have ended") }
        if !frontier.isEmpty { watch.note("\(frontier.count) tasks still wait") }
        if frontier.bytes != 0 { watch.note("the frontier still counts \(frontier.bytes) bytes") }
        if inFlight > 0 { watch.note("\(inFlight) fetches are still in flight") }
    }
}
