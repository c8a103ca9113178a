// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// Makes the contenders that fetch a list of URLs.
extension Bench {
    /// A program that fetches a list of URLs.
    enum Crawler {
        case fetchpool([String])
        case go, aiohttp
        /// Bare libcurl.
        ///
        /// Each multi handle has `renew` transfers, or all transfers if `renew` is 0. The receive buffer
        /// has `buffer` bytes. The connection cache has space for `connections` connections. A `buffer` or
        /// `connections` of 0 stands for libcurl's default.
        case bare(renew: Int = 0, buffer: Int = 0, connections: Int = 0)

        /// Returns the name of the program's row; `part` is `Crawl.part`.
        func name(_ part: String = "") -> String {
            let name =
                switch self {
                case .fetchpool(let options): (["fetchpool"] + options).joined(separator: " ")
                case .go: "Go net/http"
                case .aiohttp: "aiohttp"
                case .bare: "bare libcurl"
                }
            return part.isEmpty ? name : "\(name), \(part)"
        }
    }

    /// A part of a workload: settings and a list of URLs.
    struct Crawl {
        let workload: Workload
        /// The text after each program's name.
        ///
        /// This text distinguishes the parts of a workload.
        var part = ""
        let list: String
        /// The number of tasks that must succeed; `nil` allows any number.
        var expectedOK: Int?
        /// The number of requests in flight in programs other than fetchpool.
        var inFlight = 64
        var mostRounds = 3
        /// The figures to report in addition to rate, processor time and memory.
        var figures: [FigureName] = []
    }

    /// Makes a contender for each program.
    ///
    /// Without the folder of peers (`BenchSettings.peers`), the programs that fetchpool is compared with are
    /// left out.
    func run(_ crawl: Crawl, _ crawlers: [Crawler]) -> [Contender] {
        crawlers.compactMap { crawler in
            guard var contender = contender(crawl, crawler) else { return nil }
            contender.isInNetwork = crawl.workload.needsNetwork
            contender.expectedOK = crawl.expectedOK
            contender.mostRounds = crawl.mostRounds
            contender.figures = crawl.figures
            return contender
        }
    }

    private func contender(_ crawl: Crawl, _ crawler: Crawler) -> Contender? {
        let name = crawler.name(crawl.part)
        let words = [crawl.list, String(crawl.inFlight)]
        switch crawler {
        case .fetchpool(let options):
            let summary = folder.path + "/summary"
            let fixed = ["--quiet", "--progress", "off", "--stats", summary, "--input", crawl.list]
            var command = Command(program("fetchpool"), fixed + options)
            command.isOutputTimed = true
            return Contender(
                workload: crawl.workload,
                name: name,
                isPeer: false,
                command: command,
                result: .summary(file: summary)
            )
        case .go: return peer(crawl.workload, name) { $0.built("go_crawl", words) }.first
        case .aiohttp: return peer(crawl.workload, name) { $0.python("aiohttp_crawl", words) }.first
        case .bare(let renew, let buffer, let connections):
            let more = [renew, buffer, connections].map { String($0) }
            return peer(crawl.workload, name) { $0.built("bare_crawl", words + more) }.first
        }
    }
}
