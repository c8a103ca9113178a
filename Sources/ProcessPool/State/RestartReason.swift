// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a worker died or had to be ended, so that another worker replaces it.
package enum RestartReason: String, CaseIterable, Sendable {
    /// The worker died of a signal that the pool did not send.
    case signal
    /// The worker exited before it was told to, or exited with an error status after `drain`.
    case exit
    /// The worker ran out of memory, or held more than its limit.
    case oom
    /// The worker had a task for longer than its limit; or the worker did one task at a time and became
    /// silent, and was no child coordinator.
    case deadline
    /// The worker did several tasks at once, and became silent or finished none of them for too long; or the
    /// worker was a child coordinator and became silent.
    case silent
    /// The worker printed too much without a result, closed its output, did not exit in time, or was refused
    /// for its `hello` (`PoolEvent.refused`).
    case output
    /// The worker did not give up a cancelled task in time.
    case cancelled

    /// Creates the reason for the end of a worker.
    init(_ dead: WorkerSlot, _ exit: WorkerExit) {
        switch dead.stopReason {
        case .flooded: self = .output
        case .deadline: self = .deadline
        case .memory: self = .oom
        case .wedged, .silent, .neverBegan: self = .silent
        case .cancelled: self = .cancelled
        case nil:
            if exit.isOutOfMemory {
                self = .oom
            } else if exit.wasStopped {
                self = .output
            } else {
                self = exit.signal == nil ? .exit : .signal
            }
        }
    }
}
