// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a worker died or had to be ended.
package enum RestartReason: String, CaseIterable, Sendable {
    /// The worker died of a signal that the pool did not send.
    case signal
    /// The worker exited without `bye`: before it was told to exit, or with an error status after `drain`.
    case exit
    /// The worker ran out of memory, or held more than its limit.
    case oom
    /// The worker had a task for longer than its limit, or a sequential worker became silent.
    ///
    /// A child coordinator that became silent counts as `silent`, even if it is sequential.
    case deadline
    /// A concurrent worker or a child coordinator became silent, or a concurrent worker made no progress.
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
