// SPDX-License-Identifier: MIT
// fetchpool

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

    var phase = Phase.empty
    var life = -1
    var concurrency = 1
    var flights = Flights()
    var meter = Pace.Meter()
    /// When the worker turned to the oldest task in hand: its sending, or the answer before it.
    var turnedTo: PoolTime?
    /// Whether the queue behind a slow task was asked back.
    var isRecalled = false
    var garbageLines = 0
    var hasSaidBye = false
    /// Whether it has answered a task.
    var hasAnswered = false
    /// Whether the task in hand has failed already for what the worker printed.
    var hasPaid = false
    /// Lives in a row that failed to start or did nothing, for the back-off.
    var failedStarts = 0
    /// Reserved for a suspect: takes nothing else until it has been tried alone.
    var isReserved = false
    /// Whether the worker is known to say `start` before work that may not be repeated.
    var saysStart = false
    /// Whether it was ended before its first line.
    var wasStarting = false
    /// When a worker that closed its output, or was told to leave, is given up, if it lives on.
    var closesAt: PoolTime?

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

    /// Whether we are ending it.
    var isStopping: Bool {
        if case .stopping = phase { true } else { false }
    }

    /// Whether the oldest task in hand has lasted so long that nothing may wait behind it.
    func isSlow(at now: PoolTime) -> Bool {
        guard let turnedTo, !flights.isEmpty else { return false }
        return now - turnedTo > 100_000_000
    }

    mutating func begin(life: Int) {
        let failed = failedStarts
        self = WorkerSlot()
        (self.life, failedStarts, phase) = (life, failed, .starting)
    }
}
