// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
import PoolWire

/// Every decision of a pool, and nothing else: no I/O, no clock, no waiting.
///
/// Events go in with the time they happened, actions come out, in order. These hold after each call of `settle`:
///
/// - A task is queued, in flight with one worker, or ended: exactly one of them. Every task gets exactly one end. One that
///   waits for a verdict on its worker's death counts as queued.
/// - No worker holds more than its window and `spareRoom` when a task is sent to it; one that is ending takes no work. A
///   recalled task is its worker's until `returned` or its answer comes.
/// - No task is blamed for a death unless it was being worked on there, or died alone.
/// - Live workers < target and work remains ⇒ a worker is starting or its back-off timer is set.
/// - A worker's end is handled once, after its output was read to the end.
package struct PoolState: Sendable {
    /// What the pool remembers of a task until it ends.
    ///
    /// Kept small: thousands are held, and nearly every access misses the processor's cache.
    struct Entry: Sendable {
        let token: Int
        /// What it has in common with others that are better done by the same worker.
        let affinity: Int?
        let mayRepeat: Bool
        private let boundMilliseconds: Int32?
        /// Deaths that the task is blamed for.
        var crashes: UInt32 = 0
        /// Deaths of concurrent workers that had it in hand.
        var deaths: UInt32 = 0
        /// Workers that said goodbye with it in hand and had answered nothing.
        var timesLeft: UInt32 = 0

        init(_ task: PoolTask) {
            (token, affinity, mayRepeat) = (task.token, task.affinity, task.mayRepeat)
            // 32 bits of milliseconds are 24 days; a longer bound counts as none.
            boundMilliseconds = task.bound.flatMap { Int32(exactly: $0.count) }
        }

        /// How long a worker with many in hand may be without an answer while it has this one.
        var bound: PoolTime.Milliseconds? { boundMilliseconds.map { PoolTime.Milliseconds(Int($0)) } }

        /// Whether it is to be tried alone.
        var isSuspect: Bool { deaths >= 2 }
    }

    /// Where the pool is in its life.
    enum Phase: Hashable, Sendable {
        case open, draining, ending(PoolEnd), finished
    }

    /// The numbers it was made with.
    package let options: PoolOptions
    var phase = Phase.open
    var slots: [WorkerSlot]
    var pace = Pace()
    var affinities = AffinityMap()
    var entries: [Entry?] = []
    var freeEntries: [Int] = []
    var queue = Deque<Int>()
    /// Tasks that a sequential worker died of; each is tried once more, first of all on a fresh worker.
    var retries = Deque<Int>()
    /// Tasks that were in hand at two deaths; each is tried alone.
    var suspects = Deque<Int>()
    /// True if a command has failed to start since its last success.
    var hasFailedStarts = false
    /// Whether a worker has died of a task, so that a spare is worth its while.
    var hasCrashed = false
    /// When the slots that stand empty may be filled: a turn after a spare took over, which is to have its tasks first.
    var fillsAt: PoolTime?
    /// When something came up that the last `settle` had no part in, so that another must follow at once.
    var settlesAt: PoolTime?
    var livesBegun = 0
    var sendings = 0
    var numbers: SendingNumber
    /// What is known of each command.
    var commands: [CommandState]
    /// Tasks that will come soon, for which workers may be started in advance.
    package var expectedTasks = 0
    /// Workers that ended other than as told, and were replaced.
    package private(set) var restarts = 0

    /// Creates a pool without workers.
    package init(_ options: PoolOptions) {
        self.options = options
        numbers = SendingNumber(pool: options.seqOffset, seed: options.seed)
        commands = Array(repeating: CommandState(), count: options.commands)
        // One for the spare, and one for the retry of what another has died of.
        slots = (0..<options.workers + (options.keepsSpare ? 2 : 0)).map { WorkerSlot(place: $0) }
    }

    /// How many workers can live at once: `slot` of a `WorkerID` is below this.
    package var places: Int { slots.count }

    /// True once a worker has said a line, so that it is known to be able to start.
    package var hasHeard: Bool { commands.contains(where: \.isKnown) }

    /// Tasks that have not ended.
    package var unendedTasks: Int { entries.count - freeEntries.count }

    /// Tasks that no worker has.
    package var queuedTasks: Int { queue.count + retries.count + suspects.count + openCases }

    /// Deaths that are not judged yet.
    var openCases = 0

    /// How many more tasks the workers could hold; pull no more than this.
    package func wanted(at now: PoolTime) -> Int {
        guard phase == .open else { return 0 }
        var free = 0
        for slot in slots.indices { free += credit(of: slot, at: now) }
        // The next `settle` starts a worker in each of these.
        free += min(
            slots.count {
                $0.isVacant(at: now) && (openCases == 0 || !commands[command(of: $0.place)].isInDoubt)
            },
            missingWorkers
        )
        return max(0, free - queuedTasks)
    }

    /// Workers that may be given tasks, less those there should be.
    var missingWorkers: Int { max(0, options.workers - slots.count { $0.takesWork && !$0.isSpare }) }

    /// Whether its workers are being killed.
    var isEnding: Bool {
        if case .ending = phase { true } else { false }
    }

    /// Takes in one event; what follows from it is decided by the next `settle`.
    package mutating func handle(_ event: PoolEvent, at now: PoolTime, into actions: inout [PoolAction]) {
        switch event {
        case .submitted(let token, let mayRepeat, let bound, let affinity):
            submit(PoolTask(token: token, mayRepeat: mayRepeat, bound: bound, affinity: affinity))
        case .spawnFailed(let worker, let isHopeless, let exit):
            spawnFailed(worker, isHopeless: isHopeless, exit, at: now, into: &actions)
        case .hello(let worker, let hello, let unread):
            greet(worker, hello, unread: unread, at: now)
        case .refused(let worker, let unread): refuse(worker, unread: unread, at: now, into: &actions)
        case .echoed(let worker, let line): echoed(line, by: worker, at: now, into: &actions)
        case .started(let worker, let seq): start(seq, by: worker, at: now)
        case .returned(let worker, let seq): takeBack(seq, from: worker, at: now)
        case .beat(let worker, let isHeld, let unread):
            beat(worker, isHeld: isHeld, unread: unread, at: now)
        case .spoke(let worker): _ = spoke(worker, at: now)
        case .outgrew(let worker): outgrew(worker, at: now, into: &actions)
        case .garbage(let worker, let line): takeGarbage(line, from: worker, at: now, into: &actions)
        case .skipped(let worker, let seq): skip(to: seq, by: worker, at: now, into: &actions)
        case .bye(let worker): leave(worker, at: now)
        case .outputClosed(let worker): outputClosed(worker, at: now, into: &actions)
        case .ended(let worker, let exit, let unread, let isTorn):
            bury(worker, exit, unread: unread, isTorn: isTorn, at: now, into: &actions)
        case .tick: break
        case .drain: if phase == .open { phase = .draining }
        case .stop: end(.stopped, into: &actions)
        }
    }

    /// Whose task an answer ends; `nil` if the number is unknown, ended or another worker's, or not that of the task that a
    /// sequential worker has had for longest, and the answer void.
    package mutating func accept(
        answer seq: Int,
        from worker: WorkerID,
        at now: PoolTime
    ) -> AcceptedAnswer? {
        guard isCurrent(worker) else { return nil }
        let isFirstLine = slots[worker.slot].phase == .starting
        let turnedTo = slots[worker.slot].turnedTo
        guard spoke(worker, at: now), mayAnswer(seq, worker.slot),
            let flight = removeFlight(seq, from: worker.slot, answers: 1, at: now)
        else {
            notePassed(seq, worker.slot)
            return nil
        }
        if isFirstLine { noteSilence(of: worker, at: now) }
        noteProgress(of: worker.slot, past: flight, at: now)
        defer { forget(flight.task) }
        guard let entry = entries[flight.task] else { return nil }
        let began = slots[worker.slot].concurrency == 1 ? turnedTo ?? flight.sent : flight.sent
        let tries = Int(entry.crashes) + 1
        return AcceptedAnswer(token: entry.token, nanosecondsInHand: now - began, tries: tries)
    }

    /// A sequential worker promised to answer in order; so what a page prints in its own time can be no other page's answer.
    @inline(__always)
    private func mayAnswer(_ seq: Int, _ slot: Int) -> Bool {
        // Each by itself: to ask the slot as a whole would copy it.
        slots[slot].flights.isOldest(seq) || slots[slot].concurrency > 1 || slots[slot].isTrusted
    }

    /// Notes that a sequential worker has gone past a task whose answer is void: the one after it may have begun.
    private mutating func notePassed(_ seq: Int, _ slot: Int) {
        guard let flight = slots[slot].flights.flight(seq) else { return }
        slots[slot].furthest = max(slots[slot].furthest, flight.ordinal)
    }

    /// Notes that a worker is done with a task.
    @inline(__always)
    mutating func noteProgress(of slot: Int, past flight: Flights.Flight, at now: PoolTime) {
        slots[slot].hasAnswered = true
        slots[slot].furthest = max(slots[slot].furthest, flight.ordinal)
        slots[slot].lastProgress = now
        slots[slot].failedStarts = 0
        // Whoever works has started.
        if hasFailedStarts { noteSuccess(of: slot) }
        if !slots[slot].garbage.isEmpty { slots[slot].garbage = Garbage() }
    }

    /// Whether a worker's number is the one its slot holds now.
    func isCurrent(_ worker: WorkerID) -> Bool {
        slots[worker.slot].life == worker.life && slots[worker.slot].isLive
    }

    func command(of slot: Int) -> Int { slot % options.commands }

    /// Takes in a task that is to be done; the next `settle` deals it.
    package mutating func submit(_ task: PoolTask) {
        let entry = Entry(task)
        if let free = freeEntries.popLast() {
            entries[free] = entry
            queue.append(free)
        } else {
            entries.append(entry)
            queue.append(entries.count - 1)
        }
    }

    /// Gives a task's place to the next.
    mutating func forget(_ task: Int) {
        entries[task] = nil
        freeEntries.append(task)
    }

    /// Ends a task that got no answer.
    mutating func complete(
        _ task: Int,
        _ end: TaskEnd,
        by worker: WorkerID?,
        into actions: inout [PoolAction]
    ) {
        guard let entry = entries[task] else { return }
        forget(task)
        actions.append(.complete(token: entry.token, end, worker))
    }

    /// Takes a sending out of a worker's hands, because it was answered, failed or came back.
    mutating func removeFlight(
        _ seq: Int,
        from slot: Int,
        answers: Int,
        at now: PoolTime
    ) -> Flights.Flight? {
        let oldest = slots[slot].flights.oldest?.seq
        guard let flight = slots[slot].flights.remove(seq: seq) else { return nil }
        let isBusy = !slots[slot].flights.isEmpty
        slots[slot].meter.answers += answers
        if !isBusy {
            slots[slot].turnedTo = nil
        } else if seq == oldest {
            slots[slot].turnedTo = now
        }
        if answers > 0 { slots[slot].isRecalled = false }
        return flight
    }

    mutating func countRestart() { restarts += 1 }
}
