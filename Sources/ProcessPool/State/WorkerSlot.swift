// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// One slot of the pool, with the worker in it.
struct WorkerSlot: Sendable {
    /// The activity of the slot's worker.
    enum Phase: Hashable, Sendable {
        /// There is no process.
        case empty
        /// There is no process; the next process may be started from this time on.
        case backingOff(until: PoolTime)
        /// A process was started and has not sent its first line.
        ///
        /// The first line is a message, or the unusable result of a task. Other unusable lines do not count.
        case starting
        /// The worker has sent its first line, and was not told to exit.
        case ready
        /// The worker was told to finish and exit.
        case draining
        /// The worker is being ended; SIGKILL follows at this time if the worker still lives.
        ///
        /// The time is `nil` once SIGKILL was sent.
        case stopping(killAt: PoolTime?)
    }

    /// The reason for ending a worker; the worker's tasks are judged after its end.
    enum StopReason: Hashable, Sendable {
        /// The worker printed more than allowed without a result.
        case flooded
        /// The worker worked for too long on this sending, or became silent during this sending.
        case deadline(seq: Int)
        /// The worker held too much memory while this sending was its oldest.
        case memory(seq: Int)
        /// A concurrent worker became silent, or made no progress with any of its tasks.
        case wedged
        /// A child coordinator became silent; probably its connection is lost.
        case silent
        /// The worker works on this sending, and the task was cancelled.
        case cancelled(seq: Int)
        /// The worker has not sent its first line in time.
        case neverBegan
    }

    /// The number of the slot in the pool.
    let place: Int
    var phase = Phase.empty
    var life = -1
    var concurrency = 1
    /// The number of the worker's sendings in `PoolState.abandoned`.
    var abandoned = 0
    var flights = Flights()
    var meter = Pace.Meter()
    /// The highest ordinal among the sendings that a sequential worker has passed.
    ///
    /// A sending is passed if the worker's output shows that the sending is probably finished, or that a
    /// later sending has begun.
    var furthest = 0
    /// The time at which the worker could begin its oldest task; `nil` if it has no task.
    ///
    /// This is the latest of three times: the sending of the task, the end of the previous task, and the
    /// worker's first line.
    var turnedTo: PoolTime?
    /// The number of nanoseconds before `turnedTo` at which the worker may have begun its oldest task.
    ///
    /// The line that set `turnedTo` may have been read late in a turn of the loop.
    var lag = 0
    /// True if the tasks behind a slow task were recalled.
    ///
    /// The value becomes false with the worker's next result. For a sequential worker, it also becomes false
    /// when the worker returns its oldest task.
    var isRecalled = false
    /// The number of tasks that the worker may return, because they were recalled or cancelled.
    ///
    /// Unrequested returns are ignored, because a worker could otherwise return all its tasks and do none of
    /// them.
    var mayReturn = 0
    /// The time that the workers of the slot have spent in each activity.
    var times = WorkerTimes()
    var garbage = Garbage()
    var startedAt = PoolTime(nanoseconds: 0)
    /// The time of the worker's first line; valid only after that line.
    var readyAt = PoolTime(nanoseconds: 0)
    var hasGreeted = false
    /// True if the worker has sent `start`.
    var saysStart = false
    /// True if the starting worker's `hello`, or an echo of its input, showed that the pool cannot use its
    /// program (`PoolEvent.refused`, `PoolEvent.echoed`).
    ///
    /// The end of such a worker counts as a failed start. A refused `hello` makes the value true only if the
    /// worker had read no task.
    var isRefused = false
    /// True if too many bytes wait to be sent to the worker, so that it gets no more tasks.
    var isStuffed = false
    var hasSaidBye = false
    /// True if the worker has sent a result for one of its tasks, usable or not.
    var hasSentResult = false
    /// The reason for ending the worker; `nil` unless the pool is ending the worker.
    ///
    /// The value is also `nil` if `StopReason` has no case for the reason: for example, a closed output, or
    /// too much memory without a task.
    var stopReason: StopReason?
    /// The number of workers in a row in this slot that failed to start or did nothing, for the back-off.
    var failedStarts = 0
    /// True while the worker gets only suspects, one at a time.
    var isReserved = false
    /// True if the reserved worker was sent a suspect; the worker then stays reserved while it has a task.
    var hasSuspect = false
    /// True if the worker waits to replace a dead worker; until then, it may do a retry.
    var isSpare = false
    /// True if the worker's name is in `PoolOptions.trustedNames`.
    var isTrusted = false
    /// True if the worker is a trusted child coordinator, whose own workers do the risky work.
    var isCoordinator = false
    /// The number of tasks that the worker was given, without the tasks that it returned.
    var given = 0
    /// The time of the worker's last message or unusable result; other unusable lines do not count.
    ///
    /// The time of the last bytes of an incomplete line may count as well (`PoolState.heardPart`).
    var lastHeard = PoolTime(nanoseconds: 0)
    /// The time of the worker's last result, usable or not.
    ///
    /// With `PoolOptions.respectsFullSpool`, a trusted worker's beat that reports a full spool counts as
    /// well.
    var lastProgress = PoolTime(nanoseconds: 0)
    /// True if the worker is known to beat each second, even while it works on a task.
    var hasBeaten = false
    /// The time of the last beat; `nil` before the first.
    ///
    /// Page content may have forged a beat during a task, so such a beat does not count for the next task.
    var beatAt: PoolTime?
    /// True if the pool began to end the worker before its first line.
    var wasStarting = false
    /// The time at which the worker is ended if the worker still lives; `nil` if there is no such time.
    ///
    /// The time is set when the worker closes its output, sends `bye` or is told to exit.
    var closesAt: PoolTime?

    init(place: Int) { self.place = place }

    /// True if the slot has a process.
    var isLive: Bool {
        switch phase {
        case .empty, .backingOff: false
        case .starting, .ready, .draining, .stopping: true
        }
    }

    /// Returns `true` if a worker can be started here.
    func isVacant(at now: PoolTime) -> Bool {
        switch phase {
        case .empty: true
        case .backingOff(let until): until <= now
        case .starting, .ready, .draining, .stopping: false
        }
    }

    /// The number of tasks that the worker can do at the same time, beside its abandoned tasks.
    var freeConcurrency: Int { concurrency - abandoned }

    /// True if the worker may be given tasks.
    var takesWork: Bool { (phase == .starting || phase == .ready) && closesAt == nil }

    /// True if the worker must send its results in the order in which it got its tasks.
    ///
    /// A trusted worker that fetches one task at a time may hold a response while the spool is full, and do
    /// other tasks. So its results may come in another order.
    var isOrdered: Bool { concurrency == 1 && !isTrusted }

    /// The task that a sequential worker is probably working on; `nil` if it has passed all its tasks.
    var next: Flights.Flight? { flights.all.first { $0.ordinal > furthest } }

    /// A measure of the work that is left before the worker can get a suspect.
    var unrest: Int { (flights.count + abandoned) * 2 + (phase == .starting ? 1 : 0) }

    /// True if the worker has one task, and works on no abandoned task.
    var hadOneTask: Bool { flights.count == 1 && abandoned == 0 }

    /// True if the pool is ending the worker.
    var isStopping: Bool {
        if case .stopping = phase { true } else { false }
    }

    /// Resets the slot of a worker that is gone; keeps `life`, the count for the back-off, and the times.
    mutating func vacate(at now: PoolTime) {
        let (life, failed, times) = (life, failedStarts, times)
        self = WorkerSlot(place: place)
        (self.life, failedStarts, self.times) = (life, failed, times)
        self.times.begin(nil, at: now)
    }

    mutating func begin(life: Int, at now: PoolTime) {
        vacate(at: now)
        (self.life, phase, startedAt) = (life, .starting, now)
        times.begin(.starting, at: now)
        times.starts += 1
    }

    /// Returns the exit of the slot's worker with the reasons for which the pool was ending the worker.
    func explain(_ exit: WorkerExit) -> WorkerExit {
        var exit = exit
        exit.wasStopped = isStopping
        exit.wasLate = stopReason == .neverBegan
        exit.wasSilent = stopReason == .silent
        exit.wasRefused = isRefused
        return exit
    }
}
