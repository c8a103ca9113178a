// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests that endless or oversized responses raise the peak memory of a fetch worker by less than 2 MiB.
@Suite(.ownThread)
struct FlatMemoryTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    @Test func oversizedAndEndlessResponsesDoNotGrowTheWorker() throws {
        let worker = try RunningProgram("fetchpool-fetch", ["--timeout", "20s"])
        for path in ["/get", "/bytes/1000000", "/gzip", "/status/404"] {
            try worker.send(server.base + path)
            #expect(try worker.record()?.status != nil)
        }
        let before = try ProcessWatch.peakKB(of: worker.pid)
        let bad = [
            "/bomb/10240": "too_large", "/bomb/10240/dense": "decompress",
            "/headers/endless-line": "protocol",
            "/endless": "too_large", "/bytes/100000000000": "too_large",
            "/headers/endless": "protocol", "/redirect/loop": "redirects",
        ]
        for (path, errorClass) in bad {
            try worker.send(server.base + path)
            let record = try #require(try worker.record())
            #expect(record.errorClass == errorClass, "\(path): \(record.errorMessage)")
        }
        let after = try ProcessWatch.peakKB(of: worker.pid)
        // By default, a body may have 32 MiB. The headers of all responses to one request may have 256 KiB.
        #expect(after - before < 2_048)
        #expect(try worker.finish().end == .status(0))
    }
}
