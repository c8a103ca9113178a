// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

/// The way in which crawls are run: in the network of their servers, from a list, with all records on standard output.
extension Bench {
    /// A program that fetches a list, ours or somebody else's.
    enum Crawler {
        case fetchpool([String])
        case go, aiohttp
        /// libcurl alone; `renew` transfers for each multi handle, `buffer` bytes to receive in.
        case bare(renew: Int = 0, buffer: Int = 0, connections: Int = 0)

        /// The name of its row, with the part of the workload where there are several.
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

    /// A part of a workload: a list, and how it is fetched.
    struct Crawl {
        let workload: Workload
        /// It stands behind the name of each program; empty where the workload has one list.
        var part = ""
        let list: String
        /// Tasks that have to succeed.
        var expectedOK: Int?
        /// Requests in flight, for the others; ours has its own options.
        var inFlight = 64
        var mostRounds = 3
        /// The figures of its rows beyond rate, processor time and memory.
        var figures: [FigureName] = []
    }

    /// Contenders for each of the programs; peers only where there are any.
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
