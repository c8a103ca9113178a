// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Frontier

/// The text about a simulated crawl: lines about tenths of its tasks, and the sums.
struct CrawlReport {
    /// The sums at the time of the last line about a tenth, or at the start of the crawl.
    private struct Mark {
        var use = SlotUse()
        var nanoseconds = 0
        var ends = 0
    }

    private var mark = Mark()
    private let began = PhaseTimes.processorTime()

    /// The headings and widths of the columns.
    private static let columns = [
        ("tasks", 6), ("hours", 8), ("tasks/s", 9), ("slots used", 11), ("blocked", 8), ("waiting", 8),
        ("of one host", 12), ("hosts", 8), ("ns a task", 10), ("MB", 7),
    ]

    /// The heading of the lines about tenths.
    static let heading = line(columns.map(\.0))

    /// Returns a line about the tasks since the previous line; `tenth` is the number of ended tenths.
    mutating func line(_ crawl: SimulatedCrawl, _ memory: CrawlMemory, tenth: Int) -> String {
        let (use, time, ends) = (crawl.use.since(mark.use), crawl.times.nanoseconds, crawl.watch.ends)
        let seconds = Double(use.time) / 1e9
        let waiting = crawl.frontier.count
        let busiest = crawl.frontier.limit(at: crawl.time)?.tasks
        defer { (mark.use, mark.nanoseconds, mark.ends) = (crawl.use, time, ends) }
        return Self.line([
            "\(tenth * 10) %",
            Figure.short(Double(crawl.now) / 3.6e12),
            seconds > 0 ? Figure.short(Double(ends - mark.ends) / seconds) : "-",
            Self.percent(use.share(of: crawl.plan.slots)),
            Self.percent(use.time > 0 ? Double(use.blocked.time) / Double(use.time) : 0),
            Figure.grouped(waiting),
            busiest.map { Self.percent(Double($0) / Double(max(1, waiting))) } ?? "-",
            Figure.grouped(crawl.frontier.hostCount),
            Figure.short(Double(time - mark.nanoseconds) / Double(max(1, ends - mark.ends))),
            memory.isKnown ? String(format: "%.1f", Double(memory.bytes) / 1e6) : "-",
        ])
    }

    /// Returns the sums of a crawl that has ended.
    func sums(_ crawl: SimulatedCrawl, _ memory: CrawlMemory) -> String {
        [
            Self.ends(crawl), phases(crawl), Self.slots(crawl), Self.floor(crawl), Self.memory(crawl, memory),
            Self.checks(crawl),
        ].joined(separator: "\n\n")
    }

    private static func ends(_ crawl: SimulatedCrawl) -> String {
        let (ends, counts) = (crawl.watch.ends, crawl.counts)
        let failed = Figure.grouped(ends - counts.ok)
        return """
            \(Figure.grouped(ends)) tasks: \(Figure.grouped(counts.ok)) ok, \(failed) failed; \
            \(Figure.grouped(counts.requests)) requests, \(Figure.grouped(counts.retries)) retries planned; \
            hosts given up \(Figure.grouped(counts.givenUp)) times
            """
    }

    private func phases(_ crawl: SimulatedCrawl) -> String {
        let tasks = Double(max(1, crawl.watch.ends))
        let rows = PhaseTimes.Phase.allCases.map { phase in
            let sum = crawl.times.sum(phase)
            let longest = sum.longest
            return [
                "  " + phase.title, Figure.short(Double(sum.nanoseconds) / tasks), Figure.grouped(sum.calls),
                Figure.short(Double(sum.nanoseconds) / Double(max(1, sum.calls))),
                Figure.short(Double(longest.nanoseconds) / 1e6), Figure.grouped(longest.calls),
            ]
        }
        let head = ["  phase", "ns a task", "calls", "ns a call", "longest batch, ms", "its calls"]
        let all = Double(crawl.times.nanoseconds)
        let whole = Double(PhaseTimes.processorTime() - began)
        let rate = Figure.short(tasks / all * 1e9)
        return TextReport.aligned([head] + rows, left: [0]).joined(separator: "\n") + """

              frontier: \(Figure.short(all / tasks)) ns a task, \(rate) tasks in a second of processor time
              simulation and frontier: \(Figure.short(whole / 1e9)) s of processor time
            """
    }

    private static func slots(_ crawl: SimulatedCrawl) -> String {
        let (use, slots) = (crawl.use, Double(crawl.plan.slots))
        let time = Double(max(1, use.time))
        return """
            virtual time \(Figure.short(time / 3.6e12)) h; with all slots always in use, \
            \(Figure.short(use.used / slots / 3.6e12)) h
              slots used                                \(percent(use.used / slots / time))
              free, all tasks read ahead must wait      \(percent(use.blocked.slots / slots / time)), \
            in \(percent(Double(use.blocked.time) / time)) of the time
              free, the input has ended                 \(percent(use.ending.slots / slots / time)), \
            in \(percent(Double(use.ending.time) / time)) of the time
            """
    }

    /// Returns the number of hosts with tasks, and a line about each of three hosts.
    private static func floor(_ crawl: SimulatedCrawl) -> String {
        let slowest = crawl.hosts.indices.max { crawl.leastHours(of: $0) < crawl.leastHours(of: $1) } ?? 0
        let largest = crawl.hosts.indices.max { crawl.hosts[$0].tasks < crawl.hosts[$1].tasks } ?? 0
        func text(_ host: Int) -> String {
            let (tasks, hours) = (Int(crawl.hosts[host].tasks), crawl.leastHours(of: host))
            let manner = crawl.hosts[host].manner
            return "\(Figure.grouped(tasks)) tasks, \(manner), about \(Figure.short(hours)) h by its limits"
        }
        return """
            hosts with tasks: \(Figure.grouped(crawl.hosts.count { $0.tasks > 0 }))
              the largest: \(text(largest))
              the one that takes longest: \(text(slowest))
              the one that ends last: \(text(crawl.counts.lastHost))
            """
    }

    private static func memory(_ crawl: SimulatedCrawl, _ memory: CrawlMemory) -> String {
        let megabytes = Figure.megabytes(CrawlMemory.peakKB)
        let peak = "peak of the process, with the tables of the simulation: \(megabytes) MB"
        guard memory.isKnown else { return peak }
        let most = memory.most
        return """
            memory of the frontier: at most \(Figure.short(Double(most.bytes) / 1e6)) MB with \
            \(Figure.grouped(most.hosts)) remembered hosts, \
            \(Figure.short(Double(most.bytes) / Double(crawl.plan.hosts))) bytes for each host of the input
              at the end: \(Figure.short(Double(memory.bytes) / 1e6)) MB with \
            \(Figure.grouped(crawl.frontier.hostCount)) remembered hosts
              \(peak)
            """
    }

    private static func checks(_ crawl: SimulatedCrawl) -> String {
        let faults = crawl.watch.faults
        guard !faults.isEmpty else { return "checks: no host above its limits, each task ended once" }
        return "checks that failed:\n" + faults.map { "  " + $0 }.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

    private static func line(_ cells: [String]) -> String {
        zip(cells, columns).map { cell, column in
            String(repeating: " ", count: max(1, column.1 - cell.count)) + cell
        }
        .joined()
    }
}

extension SimulatedCrawl {
    /// Returns the shortest time, in hours, in which the limits of a host allow all its tasks.
    ///
    /// The time is 0 for a host whose requests never succeed.
    func leastHours(of number: Int) -> Double {
        let host = hosts[number]
        switch host.manner {
        case .silent, .refusing, .nameless: return 0
        case .healthy, .multiplexed, .busy, .flaky: break
        }
        // The mean response time is nine hundredths larger than `latency`, because one request in a hundred
        // takes ten times as long.
        let seconds = Double(host.tasks) * Double(host.latency) * 1.09 / 1_000
        // A busy host asks for a pause of 15.5 s on average with each hundredth request.
        let pauses = host.manner == .busy ? Double(host.tasks / 100) * 15.5 : 0
        let byLimit = plan.perHost.map { seconds / Double($0) } ?? 0
        let byRate = plan.rate.map { Double(host.tasks) / $0 } ?? 0
        return max(byLimit, byRate, pauses) / 3_600
    }
}
