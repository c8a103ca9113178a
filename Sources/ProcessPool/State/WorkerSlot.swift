// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// One place in the pool and the worker that fills it.
struct WorkerSlot: Sendable {
    /// What the slot's worker is doing.
    enum Phase: Hashable, Sendable {
        /// No process; one is started when work is there.
        case empty
        /// No process; the next try comes at this time.
        case backingOff(until: PoolTime)
        /// A process was started and has not said its first line.
        case starting
        /// At work.
        case ready
        /// Told to finish and leave.
        case draining
        /// Being ended; SIGKILL follows at this time if it still lives.
        case stopping(killAt: PoolTime?)
    }

    /// Why a worker is ended in the middle of its work; the verdict on its tasks falls once it is gone.
    enum StopReason: Hashable, Sendable {
        /// It printed more than it may without an answer.
        case flooded
        /// It worked for too long on this sending, or went silent over it.
        case deadline(seq: Int)
        /// It held too much memory, with this sending in hand.
        case memory(seq: Int)
        /// It has many in hand and gets on with none.
        case wedged
        /// It has not said its first line in time.
        case neverBegan
    }

    /// Which of the pool's slots this is.
    let place: Int
    var phase = Phase.empty
    var life = -1
    var concurrency = 1
    var flights = Flights()
    var meter = Pace.Meter()
    /// The highest ordinal that a sequential worker is known to have passed.
    var furthest = 0
    /// When the worker turned to the oldest task in hand: its sending, or the answer before it.
    var turnedTo: PoolTime?
    /// Whether the queue behind a slow task was asked back.
    var isRecalled = false
    /// The number of tasks that were recalled and have not come back.
    ///
    /// Others are not taken back: a worker that returned all its tasks would never do any.
    var mayReturn = 0
    /// What it printed since its last answer that is no message.
    var garbage = Garbage()
    /// The time at which it was started, and when it said its first line.
    var startedAt = PoolTime(nanoseconds: 0)
    var readyAt = PoolTime(nanoseconds: 0)
    var hasGreeted = false
    /// True if it says `start`.
    var saysStart = false
    /// True if it speaks no protocol, and is ended for that.
    var isRefused = false
    /// True if so much waits to be read by it that it is given nothing more.
    var isStuffed = false
    var hasSaidBye = false
    /// Whether it has answered a task.
    var hasAnswered = false
    /// Why the worker is being ended; `nil` where it was not, or only because it is of no use.
    var stopReason: StopReason?
    /// Lives in a row that failed to start or did nothing, for the back-off.
    var failedStarts = 0
    /// Reserved for a suspect: takes nothing else until it has been tried alone.
    var isReserved = false
    /// Whether it waits to take a dead worker's place; it may have a retry in hand meanwhile.
    var isSpare = false
    /// Whether the worker is one of `PoolOptions.trustedNames`.
    var isTrusted = false
    /// Tasks it was given, without those it gave back.
    var given = 0
    /// When it last said anything.
    var lastHeard = PoolTime(nanoseconds: 0)
    /// The time of its last answer, or of its last beat that said that the spool is full.
    var lastProgress = PoolTime(nanoseconds: 0)
    /// True if it is one that says each second that it lives, whatever it works on.
    var hasBeaten = false
    /// The time at which it last said so over a task; a page may have, and that says nothing about the next one.
    var beatAt: PoolTime?
    /// Whether it was ended before its first line.
    var wasStarting = false
    /// When a worker that closed its output, said `bye` or was told to leave is given up, if it lives on.
    var closesAt: PoolTime?

    init(place: Int) { self.place = place }

    /// Whether a process fills the slot.
    var isLive: Bool {
        switch phase {
        case .empty, .backingOff: false
        case .starting, .ready, .draining, .stopping: true
        }
    }

    /// Whether a worker is started here once there is work.
    func isVacant(at now: PoolTime) -> Bool {
        switch phase {
        case .empty: true
        case .backingOff(let until): until <= now
        case .starting, .ready, .draining, .stopping: false
        }
    }

    /// Whether the worker may be given tasks.
    var takesWork: Bool { (phase == .starting || phase == .ready) && closesAt == nil }

    /// True if the worker answers in the order in which it was sent its tasks.
    ///
    /// Those of ours that fetch one at a time keep a response while the spool is full, and go on meanwhile.
    var isOrdered: Bool { concurrency == 1 && !isTrusted }

    /// What a sequential worker is at, as far as can be told.
    var next: Flights.Flight? { flights.all.first { $0.ordinal > furthest } }

    /// How much it has to do yet before it can have a suspect.
    var unrest: Int { flights.count * 2 + (phase == .starting ? 1 : 0) }

    /// Whether we are ending it.
    var isStopping: Bool {
        if case .stopping = phase { true } else { false }
    }

    /// Whether the oldest task in hand has lasted so long that nothing may wait behind it.
    func isSlow(at now: PoolTime) -> Bool {
        guard let turnedTo, !flights.isEmpty else { return false }
        return now - turnedTo > 100_000_000
    }

    /// Forgets a worker that is gone, but for what the back-off of the next one needs.
    mutating func vacate() {
        let (life, failed) = (life, failedStarts)
        self = WorkerSlot(place: place)
        (self.life, failedStarts) = (life, failed)
    }

    mutating func begin(life: Int, at now: PoolTime) {
        vacate()
        (self.life, phase, startedAt) = (life, .starting, now)
    }
}
