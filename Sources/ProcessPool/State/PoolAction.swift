// SPDX-License-Identifier: MIT
// fetchpool

/// A decision of the pool; the engine performs decisions in order.
///
/// The rare cases are `indirect`, so that the others are small: there are several of those for each task.
package enum PoolAction: Hashable, Sendable {
    /// Start a worker; `isForRetry` is true if its first task killed another worker, so that a crash gets a
    /// backtrace.
    case spawn(WorkerID, isForRetry: Bool)
    /// Send a task.
    case send(WorkerID, token: Int, seq: Int, attempt: Int)
    /// Ask a worker to return tasks that have not begun.
    case recall(WorkerID, max: Int)
    /// Tell a worker to finish and exit, and close its standard input.
    case drain(WorkerID)
    /// Send SIGTERM to a worker's process group.
    case terminate(WorkerID)
    /// Send SIGKILL to a worker's process group.
    case kill(WorkerID)
    /// Retry a task that killed its worker; the worker had it for `nanosecondsInHand`.
    indirect case triedAgain(token: Int, WorkerExit, WorkerID, nanosecondsInHand: Int)
    /// End a task without a result.
    indirect case complete(token: Int, TaskEnd, WorkerID?)
    /// The pool has ended: no worker lives and no task is left.
    indirect case finished(PoolEnd)
}

/// The end of a task that got no result.
package enum TaskEnd: Hashable, Sendable {
    /// The task killed its worker, or may have.
    case crashed(WorkerExit)
    /// Its worker was ended because it worked on the task for too long, or became silent.
    case pastDeadline(WorkerExit)
    /// Its worker ended because of another task or for its own reasons; this task may have begun and must not
    /// be sent twice.
    case lost(WorkerExit)
    /// Its worker's output was not a result; the text is a sentence for the record.
    case brokeProtocol(String)
    /// The pool was stopped.
    case cancelled
    /// No worker can be started; the exit is that of the last one.
    case unstartable(WorkerExit)
}

extension TaskEnd {
    /// The exit of the task's worker; `nil` if the task did not end because of it.
    package var exit: WorkerExit? {
        switch self {
        case .crashed(let exit), .pastDeadline(let exit), .lost(let exit): exit
        case .brokeProtocol, .cancelled, .unstartable: nil
        }
    }
}

/// The end of a pool.
package enum PoolEnd: Hashable, Sendable {
    /// All tasks are done.
    case drained
    /// The pool was stopped.
    case stopped
    /// The workers cannot start; the given one was the last to try.
    case cannotStart(WorkerID, WorkerExit)
}
