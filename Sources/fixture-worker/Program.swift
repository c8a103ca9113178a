// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// A worker of the kit that does nothing: each task is answered with `null` as soon as it is in hand.
///
/// What a pool costs beside the work is measured with it.
@main
struct Program: TaskHandler {
    static func main() {
        SequentialWorker.run(name: "fixture-worker") { _ in Program() }
    }

    func handle(task: Span<UInt8>, response: Span<UInt8>?) -> JSONResult { .null }
}
