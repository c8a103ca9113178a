// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// The names of the contenders of the map workload.
    static let (libraryMap, librarySubmit) = ("library, map", "library, submit and value")
    /// The name of Python's `map`.
    static func executorMap(chunksize: Int) -> String { "ProcessPoolExecutor.map, chunksize \(chunksize)" }
    /// The name of Python's `submit`.
    static let executorSubmit = "ProcessPoolExecutor, submit and result"

    /// Makes the contenders for a function that returns its integer: the library ProcessPool, and Python's
    /// executor.
    ///
    /// `submit` submits one task after another, and waits for the value of each.
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
