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

    /// The table row of the function that the Python workers call, over bodies in files, without fetchpool.
    static let bareFunction = "bare function, readme"

    /// The table row of one Python worker of fetchpool; its processor time is the worker's alone.
    static let oneWorker = "one worker of fetchpool, readme"

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
        let one = Contender(
            workload: .python,
            name: Self.oneWorker,
            isPeer: false,
            command: peers.python(
                "function_cost",
                ["worker", even, String(evenNumber), program("fetchpool")]
            ),
            result: .report
        )
        let bare = peer(.python, Self.bareFunction) {
            $0.python("function_cost", ["bare", even, String(evenNumber)])
        }
        let rates = lists.flatMap { function, list, number in
            let worker = peers.python("page_worker", [function])
            let command = ([worker.program] + worker.arguments).map { "'\($0)'" }.joined(separator: " ")
            let options = ["--workers", "2", "--per-host", "0", "--input", list, "--exec", command]
            let own = ours(.python, "fetchpool, \(function)", options)
            let executors = [1, 64].flatMap { chunksize in
                peer(.python, "ProcessPoolExecutor, chunksize \(chunksize), \(function)") {
                    $0.python("ppe_functions", [list, String(number), String(chunksize), function])
                }
            }
            return Self.limited([own] + executors, to: number)
        }
        // On a busy machine, the ratio of two processor times needs more runs than a ratio of rates does.
        let times = Self.limited(bare + [one], to: evenNumber, rounds: 5).map { contender in
            var contender = contender
            contender.repetitions = 2
            return contender
        }
        return times + rates
    }

    /// Returns the contenders with `rounds` rounds at most, in each of which `number` tasks must succeed.
    private static func limited(_ contenders: [Contender], to number: Int, rounds: Int = 3) -> [Contender] {
        contenders.map { contender in
            var contender = contender
            (contender.expectedOK, contender.mostRounds) = (number, rounds)
            return contender
        }
    }
}
