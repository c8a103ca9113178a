// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The names of the contenders that use the library ProcessPool.
    static let (libraryMap, librarySubmit) = ("library, map", "library, submit and value")
    /// Returns the name of the contender that uses `map` of Python's executor.
    static func executorMap(chunksize: Int) -> String { "ProcessPoolExecutor.map, chunksize \(chunksize)" }
    /// The name of the contender that uses `submit` of Python's executor.
    static let executorSubmit = "ProcessPoolExecutor, submit and result"

    /// Makes the contenders of the workload `map`: the library ProcessPool and Python's executor.
    ///
    /// Each contender calls a function that returns its input, an integer.
    /// Contenders with `submit` in their names wait for the value of each task before they submit the next.
    func map() -> [Contender] {
        [
            library(Self.libraryMap, "map", tasks: count(2_000_000)),
            library(Self.librarySubmit, "submit", tasks: count(20_000)),
        ]
            + peer(.map, Self.executorMap(chunksize: 1)) {
                $0.python("ppe_dispatch", [String(count(20_000)), "1"])
            }
            + peer(.map, Self.executorMap(chunksize: 256)) {
                $0.python("ppe_dispatch", [String(count(2_000_000)), "256"])
            }
            + peer(.map, Self.executorSubmit) { $0.python("ppe_submit", [String(count(10_000))]) }
            .map { contender in
                var contender = contender
                contender.figures = [.median]
                return contender
            }
    }

    private func library(_ name: String, _ kind: String, tasks: Int) -> Contender {
        var contender = Contender(
            workload: .map,
            name: name,
            isPeer: false,
            command: Command(program("bench-executor"), [kind, "--tasks", String(tasks), "--workers", "2"]),
            result: .report,
            expectedOK: tasks
        )
        if kind == "submit" { contender.figures = [.median] }
        return contender
    }
}
