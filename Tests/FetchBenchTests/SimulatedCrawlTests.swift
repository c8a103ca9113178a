// SPDX-License-Identifier: MIT
// fetchpool

import Frontier
import TestThreads
import Testing

@testable import FetchBench

/// Tests of the simulated crawl: the frontier passes the crawl's checks, and these checks find broken rules.
@Suite(.ownThread)
struct SimulatedCrawlTests {
    private static func plan(_ order: CrawlPlan.Order, perHost: Int?, rate: Double?) -> CrawlPlan {
        var plan = CrawlPlan()
        (plan.hosts, plan.tasks, plan.slots) = (2_000, 20_000, 300)
        (plan.order, plan.perHost, plan.rate) = (order, perHost, rate)
        // With these numbers, the frontier forgets hosts, and the tasks that are read ahead belong to only
        // some of the hosts.
        (plan.idleHosts, plan.readAhead) = (200, 500)
        return plan
    }

    @Test(
        arguments: [CrawlPlan.Order.random, .sorted],
        [(8, nil), (1, nil), (8, 2), (nil, nil)] as [(Int?, Double?)]
    )
    func eachTaskEndsOnceWithinTheLimits(_ order: CrawlPlan.Order, _ limits: (Int?, Double?)) {
        var crawl = SimulatedCrawl(Self.plan(order, perHost: limits.0, rate: limits.1))
        while crawl.turn() {}
        crawl.checkEnd()
        #expect(crawl.watch.faults == [])
        #expect(crawl.watch.ends == 20_000)
        #expect(crawl.counts.ok > 16_000)
        #expect(crawl.counts.givenUp > 10)
        #expect(crawl.counts.retries > 10)
        #expect(crawl.frontier.hostCount < 500)
    }

    @Test func aSmallCrawlIsReported() {
        var plan = CrawlPlan()
        (plan.hosts, plan.tasks, plan.slots) = (2_000, 100_000, 500)
        var lines: [String] = []
        #expect(FetchBench.crawlSimulatedHosts(plan) { lines.append($0) })
        #expect(lines.count == 12)
        #expect(lines[0].hasPrefix(" tasks   hours"))
        #expect(lines[10].hasPrefix(" 100 %"))
        #expect(lines[11].contains("\n100,000 tasks: "))
        #expect(lines[11].hasSuffix("checks: no host above its limits, each task ended once"))
    }

    @Test func aSortedInputLeavesMoreSlotsFree() {
        let (random, sorted) = (Self.use(.random), Self.use(.sorted))
        #expect(sorted.time > random.time)
        #expect(sorted.blocked.slots > random.blocked.slots)
    }

    private static func use(_ order: CrawlPlan.Order) -> SlotUse {
        var crawl = SimulatedCrawl(plan(order, perHost: 1, rate: nil))
        while crawl.turn() {}
        return crawl.use
    }

    @Test func brokenRulesAreFound() {
        var plan = CrawlPlan()
        (plan.hosts, plan.tasks, plan.perHost, plan.rate) = (2, 10, 2, 1)
        var watch = CrawlWatch(plan)
        var random = SplitMix64(seed: 1)
        var hosts = (0..<2).map { _ in SimulatedHost(hash: 1, trouble: 0, using: &random) }
        watch.begins(0, &hosts[0], at: 0)
        watch.begins(0, &hosts[0], at: 1_000_000_000)
        watch.ends(task: 3)
        #expect(watch.faults == [])
        watch.begins(0, &hosts[0], at: 2_000_000_000)
        watch.begins(1, &hosts[1], at: 2_000_000_000)
        watch.begins(1, &hosts[1], at: 2_500_000_000)
        hosts[1].inFlight = 0
        hosts[1].opens = 9_000_000_001
        watch.begins(1, &hosts[1], at: 9_000_000_000)
        watch.ends(task: 3)
        #expect(
            watch.faults == [
                "host 0 has 3 requests in flight; the limit is 2", "host 1 gets more requests than 1.0/s",
                "host 1 gets a request before the end of its Retry-After", "task 3 ends twice",
            ]
        )
    }

    @Test func hostsGetTasksByZipfsLaw() {
        var plan = CrawlPlan()
        (plan.hosts, plan.tasks) = (100, 100_000)
        for order in CrawlPlan.Order.allCases {
            plan.order = order
            let counts = Self.counts(plan)
            #expect(counts.reduce(0, +) == 100_000)
            // The sum of 1/r for the ranks r from 1 to 100 is 5.187.
            #expect(abs(counts[0] - 19_278) < 600)
            #expect(abs(counts[9] - 1_928) < 200)
            #expect(abs(counts[99] - 193) < 70)
        }
    }

    @Test func theNumberOfTasksOfAHostHasABound() {
        var plan = CrawlPlan()
        (plan.hosts, plan.tasks, plan.order, plan.mostTasksPerHost) = (100, 100_000, .sorted, 2_000)
        let counts = Self.counts(plan)
        #expect(counts.reduce(0, +) == 100_000)
        #expect((1_999...2_001).contains(counts.max() ?? 0))
        #expect(counts.count { $0 >= 1_999 } == 18)
    }

    private static func counts(_ plan: CrawlPlan) -> [Int] {
        var (sizes, random) = (HostSizes(plan), SplitMix64(seed: 7))
        var counts = [Int](repeating: 0, count: plan.hosts)
        while let host = sizes.next(using: &random) { counts[host] += 1 }
        return counts
    }

    @Test func fetchesLandInTheOrderOfTheirTimes() {
        var calendar = LandingCalendar(fetches: 5)
        // The calendar is a ring of 131,072 ms. `start` is 10 ms before the end of the ring, and `start + 12`
        // is near the beginning of the ring.
        let start = LandingCalendar.span * 3 - 10
        let times = [start + 70_000, start, start + 12, start + 12, start + LandingCalendar.span - 1]
        for (fetch, time) in times.enumerated() { calendar.add(fetch, at: time) }
        var landings: [[Int]] = []
        var now = start
        while let next = calendar.next(from: now) {
            var fetches: [Int] = []
            calendar.take(at: next, into: &fetches)
            landings.append([next] + fetches.sorted())
            now = next
        }
        #expect(landings == [[start, 1], [start + 12, 2, 3], [times[0], 0], [times[4], 4]])
    }
}
