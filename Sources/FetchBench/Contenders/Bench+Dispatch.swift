// SPDX-License-Identifier: MIT
// fetchpool

import LoopbackFixture

extension Bench {
    /// Makes the contenders for tasks without work: fetchpool's worker pool alone (`bench-engine`), the whole
    /// program fetchpool from input lines to records, and peers.
    func dispatch() throws -> [Contender] {
        let count = count(2_000_000)
        let list = try folder.write(Array(repeating: "data:,x", count: count), to: "dispatch")
        let engine = Contender(
            workload: .dispatch,
            name: "fetchpool, engine",
            isPeer: false,
            command: Command(program("bench-engine"), ["--tasks", String(count), "--workers", "2"]),
            result: .report
        )
        let whole = ["--workers", "2", "--per-host", "0", "--input", list]
        return [engine, ours(.dispatch, "fetchpool, lines to records", whole)]
            + executor(tasks: self.count(20_000), chunksize: 1)
            + executor(tasks: self.count(2_000_000), chunksize: 256)
            + peer(.dispatch, "pebble") { $0.python("pebble_dispatch", [String(self.count(30_000))]) }
            + peer(.dispatch, "loky") { $0.python("loky_dispatch", [String(self.count(20_000))]) }
            + peer(.dispatch, "GNU parallel") { $0.shell("parallel_dispatch", [String(self.count(600))]) }
    }

    private func executor(tasks: Int, chunksize: Int) -> [Contender] {
        peer(.dispatch, "ProcessPoolExecutor, chunksize \(chunksize)") {
            $0.python("ppe_dispatch", [String(tasks), String(chunksize)])
        }
    }
}
