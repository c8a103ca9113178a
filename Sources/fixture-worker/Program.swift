// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// A worker that does nothing: it returns `null` immediately for each task.
///
/// `bench-engine` measures the overhead of a pool with this worker.
@main
struct Program: WorkerProgram, SynchronousTaskHandler {
    static let name = "fixture-worker"

    func handle(_ task: WorkerTask) -> JSONResult { .null }
}
