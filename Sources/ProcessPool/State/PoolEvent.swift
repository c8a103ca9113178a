// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
package import PoolWire

/// One life of one worker: the slot it fills and which process of that slot it is.
package struct WorkerID: Hashable, Sendable {
    /// The place in the pool, from 0; the `id` of records.
    package var slot: Int
    /// Counts the processes of the whole pool, from 0.
    ///
    /// No two lives share one.
    package var life: Int

    /// Names a worker.
    package init(slot: Int, life: Int) {
        self.slot = slot
        self.life = life
    }
}

/// Everything that can happen to a pool.
package enum PoolEvent: Sendable {
    /// A task is to be done. `token` is the submitter's name for it; `mayRepeat` says whether it may be sent twice;
    /// `bound` is how long a worker that may have many in hand can be without an answer while it has this one; tasks of the
    /// same `affinity` are better done by the same worker.
    case submitted(token: Int, mayRepeat: Bool, bound: PoolTime.Milliseconds? = nil, affinity: Int? = nil)
    /// A worker could not be started, for the reason that stands in its exit; `isHopeless` where another try cannot help.
    case spawnFailed(WorkerID, isHopeless: Bool, WorkerExit = WorkerExit(status: 127))
    /// A worker's first line, of the protocol version spoken here; it has read nothing of the last `unread` tasks sent to it.
    case hello(WorkerID, Hello, unread: Int = 0)
    /// A worker that cannot be talked to, since it speaks another version; ended as one that failed to start.
    case refused(WorkerID, unread: Int = 0)
    /// A worker sent back the first line it was sent; one that has said nothing else does not speak the protocol.
    case echoed(WorkerID, UnusableLine)
    /// A worker says that work that may not be repeated begins.
    case started(WorkerID, seq: Int)
    /// A worker gives back a task that has not begun.
    case returned(WorkerID, seq: Int)
    /// A worker says that it lives; `isHeld` if it cannot answer because the spool is full, which is not its fault.
    /// It has read nothing of the last `unread` tasks sent to it.
    case beat(WorkerID, isHeld: Bool, unread: Int = 0)
    /// Some other valid line came.
    case spoke(WorkerID)
    /// A worker holds more memory than it may.
    case outgrew(WorkerID)
    /// A line that is no message.
    case garbage(WorkerID, UnusableLine)
    /// A worker answers this sending and has not answered those before it.
    case skipped(WorkerID, to: Int)
    /// A worker's last line.
    case bye(WorkerID)
    /// A worker closed its standard output.
    case outputClosed(WorkerID)
    /// A worker has ended, and its output was read to its end; it has read nothing of the last `unread` tasks sent to it, and
    /// `isTorn` says whether it left a line without an end.
    case ended(WorkerID, WorkerExit, unread: Int = 0, isTorn: Bool = false)
    /// Time has passed.
    case tick
    /// No further task comes: finish, then end the workers.
    case drain
    /// End now: kill the workers, give back every task as cancelled.
    case stop
}

/// A task that was answered.
package struct AcceptedAnswer: Hashable, Sendable {
    /// The submitter's name for the task.
    package var token: Int
    /// How long its worker had it in hand: for a sequential worker since it turned to it, else since it was sent.
    package var nanosecondsInHand: Int
    /// How many workers had a try at it: 1, and one more for each death it was blamed for.
    package var tries: Int
}

/// How a worker's process ended, and what is left of it to tell.
package struct WorkerExit: Hashable, Sendable {
    /// The signal that ended it; `nil` if it exited by itself.
    package var signal: Int32?
    /// Its exit status; 0 where a signal ended it.
    package var status: Int32
    /// True if it died for want of memory, as far as that can be told.
    package var isOutOfMemory: Bool
    /// The most memory it was seen to hold, in KiB; `nil` if nobody looked.
    package var peakRSSKB: Int?
    /// True if its pool ended it, so that a signal says nothing about the task.
    package var wasStopped = false
    /// Its process id; 0 where no process was started.
    package var pid = 0
    /// What it wrote to standard error since its last answer: some first and last lines.
    package var errorTail: [String] = []

    /// Describes an end.
    package init(signal: Int32? = nil, status: Int32 = 0, isOutOfMemory: Bool = false, peakRSSKB: Int? = nil)
    {
        self.signal = signal
        self.status = status
        self.isOutOfMemory = isOutOfMemory
        self.peakRSSKB = peakRSSKB
    }

    /// True if it exited by itself with status 0.
    package var isClean: Bool { signal == nil && status == 0 }
}
