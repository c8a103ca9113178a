// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// A worker that does nothing: it returns `null` for each task at once.
///
/// `bench-engine` measures the overhead of a pool with this worker.
@main
struct Program: TaskHandler {
    static func main() {
        SequentialWorker.run(name: "fixture-worker") { _ in Program() }
    }

    func handle(task: Span<UInt8>, response: Span<UInt8>?) -> JSONResult { .null }
}
