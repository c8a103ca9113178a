// SPDX-License-Identifier: MIT
// fetchpool

/// A decision of the pool; `PoolLoop` performs decisions in order.
///
/// The cases with large values are `indirect`, so that every action is small and `send` needs no allocation.
package enum PoolAction: Hashable, Sendable {
    /// Start a worker. `isForRetry` is true if the worker is started for a task that was blamed for a death;
    /// the worker then gets the variables `WorkerEnvironment.forRetry`.
    case spawn(WorkerID, isForRetry: Bool)
    /// Send a task. `attempt` is 1, plus the number of deaths that were blamed on the task.
    case send(WorkerID, token: Int, seq: Int, attempt: Int)
    /// Ask a worker to return up to `max` tasks that have not begun.
    case recall(WorkerID, max: Int)
    /// Ask a worker to return one task or, if the task has begun, to end the task soon.
    case cancel(WorkerID, seq: Int)
    /// Tell a worker that its `start` was noted, so that the work can begin.
    case confirm(WorkerID, seq: Int)
    /// Tell a worker to finish and exit; then close the worker's standard input.
    case drain(WorkerID)
    /// Send SIGTERM to a worker's process group.
    case terminate(WorkerID)
    /// Send SIGKILL to a worker's process group.
    case kill(WorkerID)
    /// Tell the client that a task was blamed for the end of its worker, and will be retried.
    ///
    /// `nanosecondsInHand` is the time that the worker had for the task until the worker's death.
    indirect case triedAgain(token: Int, WorkerExit, WorkerID, nanosecondsInHand: Int)
    /// End a task without a usable result.
    ///
    /// The worker is the one that had the task last. The worker is `nil` if the pool ends, or if the task is
    /// cancelled while no worker has the task.
    indirect case complete(token: Int, TaskEnd, WorkerID?)
    /// The pool has ended: no worker lives and no task is left.
    indirect case finished(PoolEnd)
}

/// The end of a task that got no usable result.
package enum TaskEnd: Hashable, Sendable {
    /// The task may have caused the end of its worker.
    ///
    /// The worker may have exited with status 0, or been killed because it held too much memory.
    case crashed(WorkerExit)
    /// The worker was ended because it worked on the task for too long, made no progress, or became silent.
    case pastDeadline(WorkerExit)
    /// The worker ended, and this task is not known to be the cause. The task may have begun and must not be
    /// sent twice.
    case lost(WorkerExit)
    /// The worker's output was unusable; the text is the error message for the record. The exit is `nil` if
    /// the worker continues.
    case brokeProtocol(String, WorkerExit?)
    /// The pool was stopped, or its client cancelled the task.
    case cancelled
    /// No worker can be started; the value is the exit of the worker that failed last.
    case unstartable(WorkerExit)
}

extension TaskEnd {
    /// The exit of the worker that had the task.
    ///
    /// The value is `nil` for `cancelled` and `unstartable`. For `brokeProtocol`, the value is `nil` if this
    /// worker continues.
    package var exit: WorkerExit? {
        switch self {
        case .crashed(let exit), .pastDeadline(let exit), .lost(let exit): exit
        case .brokeProtocol(_, let exit): exit
        case .cancelled, .unstartable: nil
        }
    }
}

/// The end of a pool.
package enum PoolEnd: Hashable, Sendable {
    /// The pool was drained, and all tasks have ended.
    case drained
    /// The pool was stopped.
    case stopped
    /// The workers cannot start; the values describe the worker that failed last.
    case cannotStart(WorkerID, WorkerExit)
}
