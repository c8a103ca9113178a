// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
package import PoolWire

/// The identity of one worker process in a pool.
package struct WorkerID: Hashable, Sendable {
    /// The slot of the worker, from 0; records show this number as the worker's `id`.
    package var slot: Int
    /// The number of the worker's start among all starts of the pool, from 0.
    package var life: Int

    /// Creates the id of a worker.
    package init(slot: Int, life: Int) {
        self.slot = slot
        self.life = life
    }
}

/// An event of a pool.
package enum PoolEvent: Sendable {
    /// A task was submitted; `token` is the submitter's number for it.
    ///
    /// `mayRepeat` is true if the task may be begun again. For `bound`, see `PoolTask.bound`. Tasks with
    /// equal `affinity` are better done by one worker. A task whose `affinity` is `nil` may go to any worker.
    case submitted(token: Int, mayRepeat: Bool, bound: PoolTime.Milliseconds? = nil, affinity: Int? = nil)
    /// A worker could not be started; the exit has the reason.
    ///
    /// `isHopeless` is true if another attempt cannot help. The pool ignores this value if the command is
    /// known (`CommandState.isKnown`).
    case spawnFailed(WorkerID, isHopeless: Bool, WorkerExit = WorkerExit(status: 127))
    /// A worker sent `hello` in this protocol version; the worker has not read the last `unread` tasks sent
    /// to it.
    case hello(WorkerID, Hello, unread: Int = 0)
    /// A worker's `hello` shows that the pool cannot use the worker; the worker has not read the last
    /// `unread` tasks sent to it.
    ///
    /// The `hello` names another protocol version, or another program or version than the worker's command
    /// needs (`WorkerCommand.coordinatorVersion`).
    case refused(WorkerID, unread: Int = 0)
    /// A worker echoed the first line that the pool had sent to it.
    case echoed(WorkerID, UnusableLine)
    /// A worker sent `start`: the worker begins this task.
    ///
    /// A trusted worker sends `start` at least for each task that must not be repeated.
    case started(WorkerID, seq: Int)
    /// A worker returns a task that has not begun.
    case returned(WorkerID, seq: Int)
    /// A worker reported its state (a beat); the worker has not read the last `unread` tasks sent to it.
    ///
    /// `isHeld` is true if the worker cannot send results because the spool is full.
    case beat(WorkerID, isHeld: Bool, unread: Int = 0)
    /// A worker sent a message that needs no decision.
    case spoke(WorkerID)
    /// Bytes of a worker's incomplete line have come.
    case sentPart(WorkerID)
    /// A worker holds more memory than allowed.
    case outgrew(WorkerID)
    /// A worker sent a line that is not a message.
    case garbage(WorkerID, UnusableLine)
    /// A worker sent a result that the pool did not accept; `to` is the number of the sending in the result.
    ///
    /// The results of earlier tasks may have been unusable lines.
    case skipped(WorkerID, to: Int)
    /// A worker sent `bye`, its last line.
    case bye(WorkerID)
    /// A worker closed its standard output, or its process is gone.
    case outputClosed(WorkerID)
    /// A worker has ended, and its output was read to the end or for 100 ms; the worker has not read the last
    /// `unread` tasks sent to it.
    ///
    /// `isTorn` is true if the worker left an incomplete line. A worker that survives SIGKILL for some
    /// seconds counts as ended too (`WorkerExit.survivedSIGKILL`).
    case ended(WorkerID, WorkerExit, unread: Int = 0, isTorn: Bool = false)
    /// Time has passed.
    case tick
    /// No further task comes; the pool finishes its tasks, and then ends its workers.
    ///
    /// A pool that is already draining, is ending or has ended ignores this event.
    case drain
    /// The pool ends now: it kills the workers and cancels every task.
    ///
    /// A pool that is already ending only kills the workers that are left. A pool that has ended ignores this
    /// event.
    case stop
    /// The pool ends as after `stop`, but its workers get SIGTERM first, and SIGKILL if they survive SIGTERM.
    ///
    /// A pool that is already ending or has ended ignores this event.
    case terminate
    /// The submitter no longer wants the tasks with these tokens.
    ///
    /// A task that no worker has ends immediately. A worker that has one of the tasks is asked to return the
    /// task. If a sequential worker still works on the task after `grace`, the worker is ended. If a
    /// concurrent worker still has the task after `grace`, the task ends, and the worker usually continues
    /// (`PoolState.endBlocked`).
    case cancelled(tokens: Set<Int>, grace: PoolTime.Milliseconds)
}

/// A task for which a result was accepted.
package struct AcceptedResult: Hashable, Sendable {
    /// The submitter's number for the task.
    package var token: Int
    /// The time from the beginning of the task to the result, in nanoseconds.
    ///
    /// For a sequential worker, the beginning is the time at which the worker could begin its oldest task.
    /// For a concurrent worker, the beginning is the time of sending.
    package var nanosecondsInHand: Int
    /// The number of attempts: 1, plus the number of deaths that were blamed on the task.
    package var tries: Int
}

/// The end of a worker's process, with the data for the records of its tasks.
package struct WorkerExit: Hashable, Sendable {
    /// The signal that ended the process; `nil` if the process exited by itself or was not started.
    ///
    /// For a process that survived SIGKILL, the value is SIGKILL.
    package var signal: Int32?
    /// The exit status; 0 if `signal` is not `nil`, and 127 if no process was started.
    package var status: Int32
    /// True if the process probably died for lack of memory, or was ended because it held too much memory.
    package var isOutOfMemory: Bool
    /// The highest resident memory seen, in KiB; `nil` if it is not known.
    package var peakRSSKB: Int?
    /// True if the pool was ending the process, so that `signal` tells nothing about the worker's tasks.
    package var wasStopped = false
    /// True if the pool ended the process because its first line had not come in time.
    package var wasLate = false
    /// True if the pool ended the process, a child coordinator, because it had sent nothing for 5 s.
    package var wasSilent = false
    /// True if the pool ended the process because its first line showed that the pool cannot use its program.
    package var wasRefused = false
    /// True if the process did not end after SIGKILL, so that it may still run.
    package var survivedSIGKILL = false
    /// The process id; 0 if no process was started.
    package var pid = 0
    /// The first and last lines of standard error since about the worker's last result (`StderrTail`).
    ///
    /// The lines may include a reason from the pool. If no process was started, this reason is the only line.
    package var errorTail: [String] = []

    /// Creates the description of an end.
    package init(signal: Int32? = nil, status: Int32 = 0, isOutOfMemory: Bool = false, peakRSSKB: Int? = nil)
    {
        self.signal = signal
        self.status = status
        self.isOutOfMemory = isOutOfMemory
        self.peakRSSKB = peakRSSKB
    }

    /// True if the process exited by itself with status 0.
    package var isClean: Bool { signal == nil && status == 0 }
}
