// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
package import PoolWire

/// The provider of one pool's tasks; it also receives their results.
///
/// All functions are called on the pool thread, and must not wait.
package protocol PoolClient: AnyObject {
    /// Announces that the pool now calls `nextTask` up to `count` times, so that the client can prepare these
    /// tasks together.
    func willTake(_ count: Int)
    /// Returns the next task; `nil` if there is none now.
    ///
    /// The pool calls this function when its workers can take a task.
    func nextTask() -> PoolTask?
    /// Writes the first line for a new worker.
    func writeInit(for worker: WorkerID, into writer: inout JSONWriter)
    /// Writes the line that sends a task.
    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    /// Receives the result of a task; `line` is valid only during the call.
    func completed(
        _ task: AcceptedResult,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    )
    /// Notes that a task is blamed for its worker's death and will be retried.
    ///
    /// `nanosecondsInHand` is the time from the moment at which the worker could begin the task to the
    /// worker's death.
    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int)
    /// Notes that a task ended without a usable result.
    ///
    /// `worker` is the worker that had the task last; `nil` if the pool ends, or if the task is cancelled
    /// while no worker has it.
    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?)
    /// Receives an event of a worker.
    func noted(_ note: WorkerNote, of worker: WorkerView)
    /// Notes that the pool has ended, with all its workers.
    func poolEnded(_ end: PoolEnd)
    /// The number of tasks that `nextTask` will probably return soon; the pool can start workers for them in
    /// advance.
    var expectedTasks: Int { get }
}

extension PoolClient {
    /// Does nothing.
    package func willTake(_ count: Int) {}
}

/// An object that does work of its own in each turn of a `PoolLoop`.
///
/// All functions are called on the pool thread, and must not wait.
package protocol LoopClient: AnyObject {
    /// Does the work of a turn, after all reads and before tasks are sent.
    func turn(at now: PoolTime)
    /// Does the work at the end of a turn, before the loop sleeps.
    func endOfTurn(at now: PoolTime)
    /// Returns the time at which the loop must call `turn` even if nothing happens; `nil` for no such time.
    func nextWake(after now: PoolTime) -> PoolTime?
}

/// A task that a client gives to a pool.
package struct PoolTask: Hashable, Sendable {
    /// The number by which the client knows the task.
    package var token: Int
    /// True if the task can be begun again after the death of a worker that had perhaps begun it.
    package var mayRepeat: Bool
    /// The longest time for which a worker may send no result while this task is the oldest of the worker's
    /// tasks; `nil` for no limit.
    ///
    /// A time of more than 24.8 days counts as no limit. A `PoolOptions.taskDeadline` replaces this limit for
    /// a worker with one task at a time whose name is not in `PoolOptions.trustedNames`. The limit does not
    /// apply to a child coordinator. The start of a worker has its own limit.
    package var bound: PoolTime.Milliseconds?
    /// The number of a group of tasks that are better done by one worker; `nil` if the task is in no group.
    package var affinity: Int?

    /// Creates a task.
    package init(
        token: Int,
        mayRepeat: Bool,
        bound: PoolTime.Milliseconds? = nil,
        affinity: Int? = nil
    ) {
        self.token = token
        self.mayRepeat = mayRepeat
        self.bound = bound
        self.affinity = affinity
    }
}

/// The properties of a worker that a client may know.
package struct WorkerView: Hashable, Sendable {
    /// The worker's slot, and the worker's number among all starts of the pool's workers.
    package var id: WorkerID
    /// The worker's process id; 0 if it is not known.
    package var pid: Int

    /// Creates a view.
    package init(id: WorkerID, pid: Int) {
        (self.id, self.pid) = (id, pid)
    }
}

/// An event of a worker, for the client and for reports to users.
package enum WorkerNote: Hashable, Sendable {
    /// The worker was started.
    case started
    /// The worker reported its state.
    case beat(Beat)
    /// The worker wrote this line to standard error, or the coordinator refused the worker for this reason.
    case errorLine(String)
    /// The worker wrote to standard output a line, or a part of a line, that is not a message.
    ///
    /// The values are at most 200 bytes of this output, and the reason why it is not a message.
    case unusableLine(String, reason: String)
    /// The worker sent a result for a task that it does not have, or must not finish yet.
    case strayResult(seq: Int)
    /// The worker ended.
    case ended(WorkerExit)
}
