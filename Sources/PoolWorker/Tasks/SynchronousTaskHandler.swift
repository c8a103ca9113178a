// SPDX-License-Identifier: MIT
// fetchpool

/// A handler whose method never waits, so that not even the 40 ns of an asynchronous call are paid per task.
package protocol SynchronousTaskHandler: TaskHandler {
    /// Works on one task, as the method of ``TaskHandler`` does.
    mutating func handle(_ task: WorkerTask) throws -> JSONResult
}
