// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The names of fetchpool's processors in the pages workload; the peers have functions with these names.
    static let pageFunctions = ["links", "text"]
    /// The parsers of the peers in the pages workload.
    static let pageParsers = ["lxml", "selectolax"]

    /// Makes the contenders that extract links or text from web pages: fetchpool, Python processes, and
    /// fetchpool's processors alone.
    func pages() throws -> [Contender] {
        let count = server.pages.tasks(self.count(2_000))
        let list = try folder.write((0..<count).map(server.page), to: "page-list")
        let files = try folder.write(server.pages.files, to: "page-files")
        return Self.pageFunctions.flatMap { function in
            let options = ["--workers", "2", "--per-host", "0", "--processor", function, "--input", list]
            let alone = Contender(
                workload: .pages,
                name: Self.processorAlone(function),
                isPeer: false,
                command: Command(program("bench-processors"), [function, files, String(count)]),
                result: .report
            )
            let peers = Self.pageParsers.flatMap { parser in
                peer(.pages, "processes + \(parser), \(function)") {
                    $0.python("ppe_pages", [list, String(count), parser, function])
                }
            }
            return ([ours(.pages, "fetchpool, \(function)", options)] + peers + [alone]).map { contender in
                var contender = contender
                contender.figures = [.megabytes]
                // A parser may refuse a page of a corpus. So only generated pages must all succeed.
                if server.pages.isGenerated { contender.expectedOK = count }
                return contender
            }
        }
    }

    /// Returns the name of the contender that runs the processor `function` without fetches.
    static func processorAlone(_ function: String) -> String { "the processor \(function) alone" }

    /// Makes the contenders for two lists of pages: one without crashes, and one in which 1 % of the pages
    /// crash the processor.
    ///
    /// By default, fetchpool tries a page a second time if the first try crashes the processor. pebble tries
    /// each page once, as fetchpool does with `--crash-retries 0`.
    func crashes() throws -> [Contender] {
        let count = count(5_000, least: 100)
        let calm = try folder.write((1...count).map(server.page), to: "calm")
        let crashing = (1...count).map { $0 % 100 == 50 ? server.task("crash", $0) : server.page($0) }
        let list = try folder.write(crashing, to: "crashing")
        func run(_ name: String, _ list: String, _ more: [String] = []) -> Contender {
            ours(.crashes, name, processing(list) + more)
        }
        return [
            run("fetchpool, no crashes", calm), run("fetchpool, 1 % crash", list),
            run("fetchpool, 1 % crash, one try", list, ["--crash-retries", "0"]),
        ]
            + peer(.crashes, "pebble, 1 % crash") {
                $0.python("pebble_fixture", [list, String(self.count(3_000, least: 100)), "2"])
            }
    }

    /// Makes the contenders for tasks that use very different CPU times.
    ///
    /// The results of the contenders show whether short tasks wait for long tasks.
    func burn() throws -> [Contender] {
        let count = count(500, least: 50)
        let urls = (0..<count).map { server.task("burn:\(Self.burnMilliseconds($0))", $0) }
        let list = try folder.write(urls, to: "burn")
        let words = [list, String(count), String(cores)]
        return [ours(.burn, "fetchpool", processing(list, workers: cores))]
            + peer(.burn, "ProcessPoolExecutor") { $0.python("ppe_burn", words) }
            + peer(.burn, "pebble") { $0.python("pebble_fixture", words) }
    }

    /// Returns the CPU time that page `number` of the burn workload uses, in milliseconds.
    private static func burnMilliseconds(_ number: Int) -> Int { number % 50 == 25 ? 1_000 : 20 }

    /// Returns the CPU time that the first `count` pages of the burn workload use, in seconds.
    static func burnSeconds(_ count: Int) -> Double {
        Double((0..<count).reduce(0) { $0 + burnMilliseconds($1) }) / 1_000
    }

    /// Returns the options of a run in which `fixture-processor` processes the pages in the file `list`.
    private func processing(_ list: String, workers: Int = 2) -> [String] {
        let command = "'\(program("fixture-processor"))' --supervised"
        return ["--workers", String(workers), "--per-host", "0", "--exec", command, "--input", list]
    }
}
