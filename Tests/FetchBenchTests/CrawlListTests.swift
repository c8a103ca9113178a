// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the URL lists of crawls.
struct CrawlListTests {
    @Test func listsAreTheSameEachTime() {
        #expect(CrawlList.mixed(500).lines == CrawlList.mixed(500).lines)
        #expect(CrawlList.slow(100) == CrawlList.slow(100))
        let lines = (0..<100).map(String.init)
        #expect(CrawlList.shuffled(lines) == CrawlList.shuffled(lines))
        #expect(CrawlList.shuffled(lines) != lines)
    }

    @Test func fourAndAHalfPercentOfThePagesHaveDeadNames() {
        let (lines, alive) = CrawlList.withDeadNames(4_000)
        #expect(lines.count == 4_000)
        #expect(lines.count { $0.hasPrefix("http://silent") } == 80)
        #expect(lines.count { $0.hasPrefix("http://gone") } == 100)
        #expect(alive == 3_820)
        #expect(Set(lines).count == 4_000)
    }

    @Test func mixedListHasItsSharesOfBadAndSlowPages() {
        let (lines, good) = CrawlList.mixed(6_000)
        let bad = lines.filter { $0.contains("/retry-after/") || $0.contains("/reset") }
        #expect(bad.count == 6_000 - good)
        #expect((300...550).contains(bad.count))
        let slow = lines.count { $0.contains("/delay/") }
        #expect((900...1_350).contains(slow))
        #expect(Set(lines).count == 6_000)
    }

    @Test func eachHostHasItsPages() {
        let pages = CrawlList.pages(hosts: 3, each: 2) { "\($0)/\($1)" }
        #expect(pages.sorted() == ["0/0", "0/1", "1/0", "1/1", "2/0", "2/1"])
    }
}
