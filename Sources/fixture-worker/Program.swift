// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// A worker that does nothing: it returns `null` for each task at once.
///
/// Used to measure the overhead of a pool without the work.
@main
struct Program: TaskHandler {
    static func main() {
        SequentialWorker.run(name: "fixture-worker") { _ in Program() }
    }

    func handle(task: Span<UInt8>, response: Span<UInt8>?) -> JSONResult { .null }
}
