// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The texts that distinguish the lists of the TLS workload in table rows.
    enum TLSPart {
        static let newHosts = "new hosts"
        static let manyAtOnce = "new hosts, 250 at once"
        static let again = "1,000 hosts x 3"
        static let oneHost = "one host"
    }

    /// The options that name the default trust store explicitly, to compare with runs that do not name it.
    static let namedTrustStore = ["--cacert", CrawlNetwork.trustStore]
    /// The options for one worker with many TLS handshakes, which could delay each other.
    static let manyAtOnce = ["-w", "1", "-c", "250"]

    /// Makes the contenders for HTTPS; all of them use the system's trust store.
    func tls() throws -> [Contender] {
        let new = count(300)
        let newHosts = Crawl(
            workload: .tls,
            part: TLSPart.newHosts,
            list: try folder.write((0..<new).map { CrawlServers.secure("new\($0)", 0) }, to: "tls-new"),
            expectedOK: new,
            figures: [.connections, .resumed]
        )
        let wide = count(800)
        let manyAtOnce = Crawl(
            workload: .tls,
            part: TLSPart.manyAtOnce,
            list: try folder.write((0..<wide).map { CrawlServers.secure("wide\($0)", 0) }, to: "tls-wide"),
            // The share of successes is the result, so `expectedOK` is not set.
            inFlight: 250,
            mostRounds: 1,
            figures: [.connections, .resumed]
        )
        let many = CrawlList.shuffled(
            CrawlList.pages(hosts: count(1_000), each: 3) { CrawlServers.secure("many\($0)", $1) }
        )
        let again = Crawl(
            workload: .tls,
            part: TLSPart.again,
            list: try folder.write(many, to: "tls-many"),
            expectedOK: many.count,
            figures: [.connections, .resumed]
        )
        let one = count(20_000)
        let oneHost = Crawl(
            workload: .tls,
            part: TLSPart.oneHost,
            list: try folder.write((0..<one).map { CrawlServers.secure("one", $0) }, to: "tls-one"),
            expectedOK: one,
            figures: [.connections, .resumed]
        )
        let others: [Crawler] = [.go, .aiohttp, .bare(connections: 2_000)]
        return run(newHosts, [.fetchpool([]), .fetchpool(Self.namedTrustStore)] + others)
            + run(manyAtOnce, [.fetchpool(Self.manyAtOnce), .go])
            + run(again, [.fetchpool([]), .fetchpool(["-w", "1", "-c", "256"])] + others)
            + run(oneHost, [.fetchpool(["--per-host", "0"]), .fetchpool([])] + others)
    }

    /// Makes the contenders for small responses over HTTP/2, with few connections and many streams.
    func h2() throws -> [Contender] {
        let number = count(20_000)
        let crawl = Crawl(
            workload: .h2,
            list: try folder.write((0..<number).map(CrawlServers.multiplexed), to: "h2"),
            expectedOK: number,
            inFlight: 100,
            mostRounds: 5,
            figures: [.connections]
        )
        return run(crawl, [.fetchpool(Self.hundredInFlight), .fetchpool([]), .go, .bare()])
    }

    /// The options with which fetchpool has 100 requests in flight to one host, like the other programs.
    static let hundredInFlight = ["-w", "1", "-c", "100", "--per-host", "0"]
}
