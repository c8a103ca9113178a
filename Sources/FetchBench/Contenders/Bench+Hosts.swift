// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The texts that distinguish the lists of the hosts workload in table rows.
    enum HostsPart {
        static let many = "20,000 hosts"
        static let more = "100,000 hosts"
        static let dead = "4.5 % dead names"
    }

    /// Makes the contenders for many hosts with one page each, and for a list in which some host names do not
    /// resolve.
    func hosts() throws -> [Contender] {
        func pages(_ number: Int, _ part: String, rounds: Int) throws -> Crawl {
            let number = count(number)
            let lines = (0..<number).map { CrawlServers.plain("host\($0)", 0) }
            return Crawl(
                workload: .hosts,
                part: part,
                list: try folder.write(lines, to: "hosts-\(number)"),
                expectedOK: number,
                mostRounds: rounds,
                figures: [.firstTenth, .lastTenth]
            )
        }
        let (lines, alive) = CrawlList.withDeadNames(count(4_000, least: 200))
        let dead = Crawl(
            workload: .hosts,
            part: HostsPart.dead,
            list: try folder.write(lines, to: "hosts-dead"),
            expectedOK: alive
        )
        // In measurements, bare libcurl was fastest with 500 transfers for each multi handle.
        let bare = Crawler.bare(renew: 500)
        return run(
            try pages(20_000, HostsPart.many, rounds: 3),
            [.fetchpool([]), .go, .aiohttp, bare]
        )
            + run(try pages(100_000, HostsPart.more, rounds: 1), [.fetchpool([]), .go, bare])
            + run(dead, [.fetchpool([]), .go, bare])
    }

    /// Makes the contenders for a mix of fast pages, slow hosts and failing pages, as in a real crawl.
    func mixed() throws -> [Contender] {
        let (lines, good) = CrawlList.mixed(count(3_000))
        let crawl = Crawl(
            workload: .mixed,
            list: try folder.write(lines, to: "mixed"),
            expectedOK: good,
            inFlight: 256
        )
        return run(
            crawl,
            [.fetchpool(Self.mixedOptions + ["--retries", "0"]), .fetchpool(Self.mixedOptions)]
                + [.go, .aiohttp, .bare(renew: 500)]
        )
    }

    /// The options with which fetchpool has 256 requests in flight, like the other programs.
    static let mixedOptions = ["-w", "2", "-c", "128"]

    /// Makes the contenders for slow responses.
    ///
    /// Wake-ups cause most of the processor time of these contenders.
    func few() throws -> [Contender] {
        let number = count(2_000)
        let crawl = Crawl(
            workload: .few,
            list: try folder.write(CrawlList.slow(number), to: "few"),
            expectedOK: number
        )
        return run(crawl, [.fetchpool([]), .go, .bare()])
    }
}
