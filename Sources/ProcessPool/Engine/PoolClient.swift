// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
package import PoolWire

/// Whose tasks one pool does.
///
/// Everything is called on the pool thread, and must not wait.
package protocol PoolClient: AnyObject {
    /// The next task, where the pool's workers have room; `nil` if there is none now.
    func nextTask() -> PoolTask?
    /// Writes the first line for a new worker.
    func writeInit(for worker: WorkerID, into writer: inout JSONWriter)
    /// Writes the line that sends a task.
    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    /// A task was answered; `line` is valid during the call.
    func answered(_ task: AcceptedAnswer, _ answer: Answer, in line: Span<UInt8>, by worker: WorkerView)
    /// A worker died of a task that is tried once more; it had it in hand for so long.
    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int)
    /// A task ended without an answer; `worker` is `nil` where none had a part in that.
    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?)
    /// Something about a worker that users may want to read.
    func noted(_ note: WorkerNote, of worker: WorkerView)
    /// The pool has ended, with all its workers.
    func poolEnded(_ end: PoolEnd)
    /// The number of tasks that `nextTask` is likely to have soon; workers are started for them in advance.
    var expectedTasks: Int { get }
}

/// Who has a loop do things at times of its own.
///
/// Everything is called on the pool thread, and must not wait.
package protocol LoopClient: AnyObject {
    /// Called in each turn of the loop, after everything readable was read and before tasks are dealt.
    func turn(at now: PoolTime)
    /// Called at the end of each turn, before the loop sleeps.
    func endOfTurn(at now: PoolTime)
    /// When `turn` must be called although nothing happens; `nil` if never.
    func nextWake(after now: PoolTime) -> PoolTime?
}

/// A task on its way into a pool.
package struct PoolTask: Hashable, Sendable {
    /// The client's name for it.
    package var token: Int
    /// Whether it may be sent twice.
    package var mayRepeat: Bool
    /// How long a worker with many tasks in hand may be without an answer while it has this one; `nil` for ever.
    package var bound: PoolTime.Milliseconds?
    /// A number that it shares with tasks which are better done by the same worker; the pool knows no more of it.
    package var affinity: Int?

    /// Names a task.
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

/// What a client may know of a worker.
package struct WorkerView: Hashable, Sendable {
    /// Its place and life.
    package var id: WorkerID
    /// Its process id.
    package var pid: Int

    /// Names a worker.
    package init(id: WorkerID, pid: Int) {
        (self.id, self.pid) = (id, pid)
    }
}

/// Something about a worker that users may want to read.
package enum WorkerNote: Hashable, Sendable {
    /// It was started.
    case started
    /// It said how it is.
    case beat(Beat)
    /// It wrote a line to standard error.
    case errorLine(String)
    /// It wrote a line to standard output that is no message: its first bytes, 200 at most, and what is wrong with it.
    case unusableLine(String, reason: String)
    /// It answered a task that it does not have.
    case strayAnswer(seq: Int)
    /// It ended.
    case ended(WorkerExit)
}
