// SPDX-License-Identifier: MIT
// fetchpool

import Synchronization

/// The task on which the sequential worker of this process works.
package enum CurrentTask {
    private static let state = Mutex<WorkerState?>(nil)

    /// Makes a cancellation of the worker's current task cancel `task` too, even if the cancellation came
    /// before this call.
    ///
    /// Call this function on the worker's main thread, before the thread waits for the end of `task`. In a
    /// process that is no sequential worker, the function does nothing.
    package static func awaits(_ task: Task<Void, Never>) {
        state.withLock { $0 }?.noteAwaited(task)
    }

    /// Notes the state of the sequential worker of this process.
    static func note(_ worker: WorkerState) { state.withLock { $0 = worker } }
}
