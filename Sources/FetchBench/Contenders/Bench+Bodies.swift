// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The text in the table row of bare libcurl with a receive buffer of 512 KiB.
    static let largeBuffer = "buffer of 512 KB"

    /// Makes the contenders for large bodies from one host, without a processor.
    func bodies() throws -> [Contender] {
        let number = count(1_500)
        let list = try folder.write((0..<number).map(server.large), to: "bodies")
        let crawl = Crawl(
            workload: .bodies,
            list: list,
            expectedOK: number,
            inFlight: 8,
            mostRounds: 5
        )
        var large = crawl
        large.part = Self.largeBuffer
        return run(crawl, [.fetchpool(Self.eightInFlight), .go, .aiohttp, .bare()])
            + run(large, [.bare(buffer: 512 << 10)])
    }

    /// The options with which fetchpool has eight requests in flight, like the other programs.
    static let eightInFlight = ["-w", "1", "-c", "8", "--per-host", "0"]

    /// Makes the contenders that process pages in Python: fetchpool with Python workers, and Python's
    /// `ProcessPoolExecutor` with the same functions.
    ///
    /// - Throws: `BenchError` if there is no folder of peers; an error of Foundation if a list cannot be
    ///   written.
    func python() throws -> [Contender] {
        guard let peers else { throw BenchError("the programs of Scripts/bench --peers are needed") }
        let (number, evenNumber) = (count(3_000), count(5_000))
        let pages = try folder.write((1...number).map(server.page), to: "python")
        let even = try folder.write((1...evenNumber).map(server.evenPage), to: "python-even")
        let lists = [("readme", even, evenNumber), ("words", pages, number), ("links", pages, number)]
        return lists.flatMap { function, list, number in
            let worker = peers.python("page_worker", [function])
            let command = ([worker.program] + worker.arguments).map { "'\($0)'" }.joined(separator: " ")
            let options = ["--workers", "2", "--per-host", "0", "--input", list, "--exec", command]
            var own = ours(.python, "fetchpool, \(function)", options)
            own.expectedOK = number
            let executors = [1, 64].flatMap { chunksize in
                peer(.python, "ProcessPoolExecutor, chunksize \(chunksize), \(function)") {
                    $0.python("ppe_functions", [list, String(number), String(chunksize), function])
                }
            }
            return ([own] + executors).map { contender in
                var contender = contender
                contender.expectedOK = number
                contender.mostRounds = 3
                return contender
            }
        }
    }
}
