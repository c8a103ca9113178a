// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The facts about one worker that its output and the pool's decisions show.
struct Life {
    /// One sending of one task.
    struct Flight {
        let seq: Int
        /// The number of tasks that were sent to this worker earlier.
        let place: Int
        let token: Int
        let sent: PoolTime
        var started: PoolTime?
    }

    /// The reason for ending a worker.
    enum StopReason: Equatable {
        case flooded, wedged, silent, neverBegan
        case deadline(seq: Int)
        case memory(seq: Int)
    }

    let worker: WorkerID
    let crew: Crew
    var flights: [Flight] = []
    /// The highest `place` of a task that a sequential worker may have finished, according to its lines; -1
    /// if there is none.
    var furthest = -1
    var hasSpoken = false
    var hasGreeted = false
    var hasSentResult = false
    var hasBeaten = false
    var isConcurrent = false
    var isTrusted = false
    var isCoordinator = false
    /// The `seq` of each task whose `start` the pool must confirm at once.
    var unconfirmed: Set<Int> = []
    /// The number of unusable lines since the worker last finished a task.
    ///
    /// `garbageBytes` is the size of these lines in bytes.
    var garbage = 0
    var garbageBytes = 0
    var saysStart = false
    var beatAt: PoolTime?
    var started = PoolTime(nanoseconds: 0)
    var ready = PoolTime(nanoseconds: 0)
    /// The number of tasks that the worker may return, because they were recalled.
    var mayReturn = 0
    /// The number of tasks that the worker was given, without the tasks that it returned.
    var given = 0
    var turnedTo = PoolTime(nanoseconds: 0)
    var lastHeard = PoolTime(nanoseconds: 0)
    var lastProgress = PoolTime(nanoseconds: 0)
    /// The times at which the worker closed its output, said `bye`, was told to exit, and was sent SIGTERM.
    ///
    /// Each time is `nil` until the event has happened.
    var outputClosed: PoolTime?
    var saidBye: PoolTime?
    var drained: PoolTime?
    var terminated: PoolTime?
    /// The time that the worker has to exit after `drained`; if `drained` is `nil`, after `saidBye`.
    var leaveLimit: PoolTime.Milliseconds = 5_000
    var isRefused = false
    /// True if a line of the starting worker showed that the pool cannot use its program.
    var neverFits = false
    var isKilled = false
    /// The reason for ending the worker.
    ///
    /// The value is `nil` if the worker is not being ended, or is being ended for a reason without a case,
    /// such as a closed output.
    var stopReason: StopReason?
    /// True if the worker has ended, or was not started.
    var isBuried = false

    /// The number of tasks that were sent to the worker.
    var places = 0

    init(_ worker: WorkerID, _ crew: Crew, started: PoolTime = PoolTime(nanoseconds: 0)) {
        (self.worker, self.crew, self.started) = (worker, crew, started)
    }

    /// True if the worker must send its results in the order of its tasks.
    var isOrdered: Bool { !isConcurrent && !isTrusted }

    var isStopping: Bool { terminated != nil || isKilled }

    /// True if the worker may be given tasks.
    var takesWork: Bool {
        !isBuried && !isStopping && drained == nil && outputClosed == nil && saidBye == nil
    }

    /// The worker's activity.
    var state: Coverage.State {
        if isStopping { return .stopping }
        if drained != nil { return .draining }
        if outputClosed != nil || saidBye != nil { return .closing }
        if hasSpoken { return flights.isEmpty ? .idle : .busy }
        return flights.isEmpty ? .starting : .startingBusy
    }

    /// The tasks that a sequential worker may have begun: the tasks up to `furthest`, and the next task.
    var reached: [Flight] {
        guard let next = flights.firstIndex(where: { $0.place > furthest }) else { return flights }
        return Array(flights[...next])
    }

    mutating func remove(_ seq: Int) -> Flight? {
        guard let index = flights.firstIndex(where: { $0.seq == seq }) else { return nil }
        return flights.remove(at: index)
    }
}
