// SPDX-License-Identifier: MIT
// fetchpool

/// What the pool decided; the engine does it, in order.
///
/// The rare cases lie elsewhere (`indirect`), so that the others, of which there are several for each task, are small.
package enum PoolAction: Hashable, Sendable {
    /// Start a worker; `isForRetry` where it begins with a task that another died of, and should say more if it dies too.
    case spawn(WorkerID, isForRetry: Bool)
    /// Send a task.
    case send(WorkerID, token: Int, seq: Int, attempt: Int)
    /// Ask for tasks that have not begun.
    case recall(WorkerID, max: Int)
    /// Tell a worker to finish and leave, and close its standard input.
    case drain(WorkerID)
    /// Send SIGTERM to a worker's process group.
    case terminate(WorkerID)
    /// Send SIGKILL to a worker's process group.
    case kill(WorkerID)
    /// A worker died of a task that is tried once more; it had it in hand for so long.
    indirect case triedAgain(token: Int, WorkerExit, WorkerID, nanosecondsInHand: Int)
    /// A task has ended without an answer.
    indirect case complete(token: Int, TaskEnd, WorkerID?)
    /// The pool has ended: no worker lives and no task is left.
    indirect case finished(PoolEnd)
}

/// How a task ended that got no answer.
package enum TaskEnd: Hashable, Sendable {
    /// Its worker died of it, or may have.
    case crashed(WorkerExit)
    /// Its worker was ended because it worked on it for too long, or went silent over it.
    case pastDeadline(WorkerExit)
    /// Its worker was ended over another task or its own end; this one may have begun and may not be sent twice.
    case lost(WorkerExit)
    /// Its worker printed what is no answer: a sentence for the record.
    case brokeProtocol(String)
    /// The pool was stopped.
    case cancelled
    /// No worker can be started; this is how the last one ended.
    case unstartable(WorkerExit)
}

extension TaskEnd {
    /// How the task's worker ended over it; `nil` if that is not why the task did.
    package var exit: WorkerExit? {
        switch self {
        case .crashed(let exit), .pastDeadline(let exit), .lost(let exit): exit
        case .brokeProtocol, .cancelled, .unstartable: nil
        }
    }
}

/// How a pool ended.
package enum PoolEnd: Hashable, Sendable {
    /// All was done.
    case drained
    /// It was stopped.
    case stopped
    /// Its workers cannot start; the one named was the last to try, and ended so.
    case cannotStart(WorkerID, WorkerExit)
}
