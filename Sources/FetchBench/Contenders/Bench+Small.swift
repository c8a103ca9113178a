// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// Makes the contenders for small responses.
    ///
    /// wrk reads no list and keeps no result.
    func small() throws -> [Contender] {
        let count = count(200_000)
        let list = try folder.write((1...count).map(server.small), to: "small")
        // Slow programs get fewer requests, since rates and costs per task are compared, not totals.
        func first(_ number: Int) -> [String] { [list, String(min(count, self.count(number)))] }
        let url = server.small(0)
        let seconds = String(max(1, Int((3 * scale).rounded())))
        return [ours(.small, "fetchpool", ["--workers", "2", "--per-host", "0", "--input", list])]
            + peer(.small, "Go net/http") { $0.built("go_small", first(100_000)) }
            // `bare_crawl` takes no count, so it gets the whole list.
            + peer(.small, "bare libcurl") { $0.built("bare_crawl", [list, "64"]) }
            + peer(.small, "curl --parallel") { $0.shell("curl_small", first(60_000)) }
            + peer(.small, "aiohttp") { $0.python("aiohttp_small", first(20_000)) }
            + peer(.small, "requests, 64 threads") { $0.python("requests_threads_small", first(4_000)) }
            + requests("requests, 20 processes", first(4_000) + ["get"])
            + requests("requests, 20 processes, sessions", first(4_000) + ["session"])
            + peer(.small, "wrk") { $0.shell("wrk_small", [url, seconds]) }
    }

    private func requests(_ name: String, _ words: [String]) -> [Contender] {
        peer(.small, name) { $0.python("requests_processes_small", words) }
    }
}
