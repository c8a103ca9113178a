// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// One worker, as everybody can know it who reads what it writes and hears what is decided over it.
struct Life {
    /// One sending of one task.
    struct Flight {
        let seq: Int
        /// Counts what this worker was sent.
        let place: Int
        let token: Int
        let sent: PoolTime
        var started: PoolTime?
    }

    /// Why a worker was asked to end.
    enum StopReason: Equatable {
        case flooded, wedged, neverBegan
        case deadline(seq: Int)
        case memory(seq: Int)
    }

    let worker: WorkerID
    let crew: Crew
    var flights: [Flight] = []
    /// What one that works in the order of sending is known to have behind it: so many of its tasks, answered ones included.
    var furthest = -1
    var hasSpoken = false
    var hasGreeted = false
    var hasAnswered = false
    var hasBeaten = false
    var isConcurrent = false
    var isTrusted = false
    /// Lines since the last answer that are no messages, and their bytes.
    var garbage = 0
    var garbageBytes = 0
    var saysStart = false
    var beatAt: PoolTime?
    var started = PoolTime(nanoseconds: 0)
    var ready = PoolTime(nanoseconds: 0)
    /// Tasks that were asked back and did not come.
    var mayReturn = 0
    /// Tasks it was given, without those it gave back.
    var given = 0
    var turnedTo = PoolTime(nanoseconds: 0)
    var lastHeard = PoolTime(nanoseconds: 0)
    var lastProgress = PoolTime(nanoseconds: 0)
    /// When it closed its output, said `bye`, was told to leave, was asked to end.
    var outputClosed: PoolTime?
    var saidBye: PoolTime?
    var drained: PoolTime?
    var terminated: PoolTime?
    var isRefused = false
    /// True if its first line was of its own and shows that it cannot be talked to.
    var neverFits = false
    var isKilled = false
    /// Why it is ended in the middle of its work; `nil` where it was not, or is only of no use.
    var stopReason: StopReason?
    var isBuried = false

    /// What it was sent in all.
    var places = 0

    init(_ worker: WorkerID, _ crew: Crew, started: PoolTime = PoolTime(nanoseconds: 0)) {
        (self.worker, self.crew, self.started) = (worker, crew, started)
    }

    /// True if it is held to the order of its tasks.
    var isOrdered: Bool { !isConcurrent && !isTrusted }

    var isStopping: Bool { terminated != nil || isKilled }

    /// Whether it may be given tasks.
    var takesWork: Bool {
        !isBuried && !isStopping && drained == nil && outputClosed == nil && saidBye == nil
    }

    /// What it is doing.
    var state: Coverage.State {
        if isStopping { return .stopping }
        if drained != nil { return .draining }
        if outputClosed != nil || saidBye != nil { return .closing }
        if hasSpoken { return flights.isEmpty ? .idle : .busy }
        return flights.isEmpty ? .starting : .startingBusy
    }

    /// What one that works in the order of sending may have begun, as far as can be told: all up to the first after the
    /// furthest it is known to have come.
    var reached: [Flight] {
        guard let next = flights.firstIndex(where: { $0.place > furthest }) else { return flights }
        return Array(flights[...next])
    }

    mutating func remove(_ seq: Int) -> Flight? {
        guard let index = flights.firstIndex(where: { $0.seq == seq }) else { return nil }
        return flights.remove(at: index)
    }
}
