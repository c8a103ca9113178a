// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
import PoolWire

/// A state machine that makes every decision of a pool; it does no I/O, reads no clock and never waits.
///
/// Its input is events with their times, and its output is actions, in order. These conditions hold after
/// each `settle`:
///
/// - A task is either queued, in flight with one worker, or ended. Each task ends exactly once. A task counts
///   as queued while the cause of its worker's death is not known (`openCases`).
/// - When a task is sent to a worker, the worker then holds at most `window` plus `spareRoom` tasks. A worker
///   that is ending gets no task. A recalled task stays with its worker until the worker returns the task,
///   the task ends or the worker ends.
/// - A task is blamed for a worker's death only if the worker probably worked on the task, or had no other
///   task. A task that may have begun and must not be repeated may be blamed together with other tasks.
/// - If workers are missing, and more tasks are queued than workers are idle, each free slot has a time for
///   its next start. A slot whose command is in doubt (`CommandState.isInDoubt`) may have no such time.
/// - A worker's end is handled once, after its output was read to the end or for 100 ms. The end of a worker
///   that survives SIGKILL is handled some seconds after SIGKILL.
package struct PoolState: Sendable {
    /// The data of a task until its end.
    ///
    /// An entry is small, because thousands of entries exist, and nearly every access misses the CPU's cache.
    struct Entry: Sendable {
        let token: Int
        /// The number of a group of tasks that are better done by one worker; `nil` if the task has no group.
        let affinity: Int?
        let mayRepeat: Bool
        /// True if the submitter no longer wants the task.
        var isCancelled = false
        private let boundMilliseconds: Int32?
        /// The number of deaths that are blamed on the task.
        var crashes: UInt32 = 0
        /// The number of deaths that the task may have caused, as `suspect` counts them.
        var deaths: UInt32 = 0
        /// The number of workers that ended and left the task behind, while no task seemed to be the cause.
        ///
        /// If the number grows too large, the task has probably caused these ends.
        var timesLeft: UInt16 = 0
        /// The number of ends of the task's workers that probably had nothing to do with the task (`isLoss`).
        var losses: UInt16 = 0

        init(_ task: PoolTask) {
            (token, affinity, mayRepeat) = (task.token, task.affinity, task.mayRepeat)
            // An `Int32` of milliseconds reaches 24 days; a longer bound counts as none.
            boundMilliseconds = task.bound.flatMap { Int32(exactly: $0.count) }
        }

        /// The longest time without a result while this task is a worker's oldest (`PoolTask.bound`); `nil`
        /// for no limit.
        var bound: PoolTime.Milliseconds? { boundMilliseconds.map { PoolTime.Milliseconds(Int($0)) } }

        /// True if the task must be retried alone.
        var isSuspect: Bool { deaths >= 2 }
    }

    /// The phase of the pool.
    enum Phase: Hashable, Sendable {
        case open, draining, ending(PoolEnd), finished
    }

    /// The settings of the pool.
    package let options: PoolOptions
    var phase = Phase.open
    var slots: [WorkerSlot]
    var pace = Pace()
    var affinities = AffinityMap()
    /// The worker with which the tasks of each affinity stay; empty without `PoolOptions.keepsAffinity`.
    var kept = KeptAffinities()
    var entries: [Entry?] = []
    var freeEntries: [Int] = []
    var queue = Deque<Int>()
    /// The tasks that were blamed for a death; each is retried, preferably on a new worker.
    ///
    /// Always empty with `PoolOptions.startsMachines`, where any worker may get such a task.
    var retries = Deque<Int>()
    /// The tasks that may have caused two or more deaths (`Entry.isSuspect`); each is retried alone.
    var suspects = Deque<Int>()
    /// True if a command has failed to start since its last success.
    var hasFailedStarts = false
    /// True if a task was blamed for a death (`blame`), so that a spare worker is useful.
    var hasCrashed = false
    /// The time before which no worker is started; `nil` if there is no such time.
    ///
    /// A spare worker that has become a regular worker gets tasks from `queue` before this time.
    var fillsAt: PoolTime?
    /// The time of a change that the last call of `wanted` or `settle` did not consider; `nil` if there is
    /// none.
    ///
    /// Another turn of the loop must follow immediately.
    var settlesAt: PoolTime?
    var livesBegun = 0
    var sendings = 0
    var numbers: SendingNumber
    /// The state of each command.
    var commands: [CommandState]
    /// The time at which the loop's turn began; `nil` if no time passes within a turn.
    ///
    /// A result may have come at any time since then. So the measured time of the worker's next task counts
    /// from the beginning of the turn. The deadline of this task counts from the reading of the result.
    package var turnBegan: PoolTime?
    /// The number of tasks that will probably come soon; workers may be started for these tasks in advance.
    package var expectedTasks = 0
    /// True if the client may have more tasks than the pool could take at the last call of `wanted`.
    package var mayGetMore = false
    /// The number of workers that died or had to be ended before the end of the pool.
    ///
    /// Failed starts do not count. Most workers that end after `bye` or `drain` do not count either
    /// (`PoolState.retire`).
    package private(set) var restarts = 0
    /// The number of workers in `restarts`, by reason.
    package private(set) var restartReasons: [RestartReason: Int] = [:]

    /// Creates a pool without workers.
    package init(_ options: PoolOptions) {
        self.options = options
        numbers = SendingNumber(pool: options.seqOffset, seed: options.seed)
        var command = CommandState()
        command.greets = options.beginsInOrder || options.startsMachines
        commands = Array(repeating: command, count: options.commands)
        // Two more slots: one for the spare, and one for the retry of a task that was blamed for a death.
        slots = (0..<options.workers + (options.keepsSpare ? 2 : 0)).map { WorkerSlot(place: $0) }
    }

    /// The number of slots; `slot` of a `WorkerID` is below this number.
    package var places: Int { slots.count }

    /// True if some command has shown that it can start, or if its workers send `hello` or seem to send it.
    package var hasHeard: Bool { commands.contains(where: \.isKnown) }

    /// The number of tasks that have not ended.
    package var unendedTasks: Int { entries.count - freeEntries.count }

    /// The number of tasks that no worker has.
    package var queuedTasks: Int { queue.count + retries.count + suspects.count + openCases }

    /// The number of deaths that are not judged yet.
    var openCases = 0
    /// The cancelled tasks that a worker still has.
    var cancellations: [Cancellation] = []
    /// The sendings of cancelled tasks on which concurrent workers still work, although the tasks have ended.
    var abandoned: Set<Abandoned> = []

    /// Returns the number of further tasks that the workers can hold; 0 unless the pool is open.
    ///
    /// The result is also 0 while too many tasks wait for certain workers (`KeptAffinities.isFull`).
    ///
    /// Submit at most this number of tasks.
    package func wanted(at now: PoolTime) -> Int {
        guard phase == .open, !kept.isFull else { return 0 }
        var free = 0
        for slot in slots.indices { free += credit(of: slot, at: now) }
        // `settle` can start a worker in a vacant slot, and this worker may hold one task. If the slot starts
        // a machine, the task waits for any worker that is ready. While a command is in doubt, its new worker
        // gets no task.
        free += min(
            slots.count {
                $0.isVacant(at: now) && (openCases == 0 || !commands[command(of: $0.place)].isInDoubt)
            },
            missingWorkers
        )
        // Tasks that wait for a certain worker take no place in another worker.
        return max(0, free - (queuedTasks - min(kept.waiting, queue.count)))
    }

    /// The number of missing workers: `options.workers` minus the regular workers that may get tasks, at
    /// least 0.
    var missingWorkers: Int { max(0, options.workers - slots.count { $0.takesWork && !$0.isSpare }) }

    /// True from the moment at which the pool is stopped or gives up, until all its workers are gone.
    var isEnding: Bool {
        if case .ending = phase { true } else { false }
    }

    /// Handles one event, and adds the actions that cannot wait; the next `settle` makes the other decisions.
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
        case .started(let worker, let seq): start(seq, by: worker, at: now, into: &actions)
        case .returned(let worker, let seq): takeBack(seq, from: worker, at: now)
        case .beat(let worker, let isHeld, let unread):
            beat(worker, isHeld: isHeld, unread: unread, at: now)
        case .spoke(let worker): _ = spoke(worker, at: now)
        case .sentPart(let worker): heardPart(of: worker, at: now)
        case .outgrew(let worker): outgrew(worker, at: now, into: &actions)
        case .garbage(let worker, let line): takeGarbage(line, from: worker, at: now, into: &actions)
        case .skipped(let worker, let seq): skip(to: seq, by: worker, at: now, into: &actions)
        case .bye(let worker): leave(worker, at: now)
        case .outputClosed(let worker): outputClosed(worker, at: now, into: &actions)
        case .ended(let worker, let exit, let unread, let isTorn):
            retire(worker, exit, unread: unread, isTorn: isTorn, at: now, into: &actions)
        case .tick: break
        case .drain: if phase == .open { phase = .draining }
        case .stop: end(.stopped, into: &actions)
        case .terminate: end(.stopped, killAt: now + options.killDelay, into: &actions)
        case .cancelled(let tokens, let grace): cancel(tokens, grace: grace, at: now, into: &actions)
        }
    }

    /// Ends the task of a result, and returns the data of the task; returns `nil` if the result is void.
    ///
    /// A result is void if the worker has no task with this number, or is gone. A result of an untrusted
    /// sequential worker is also void unless the result is for the worker's oldest task.
    package mutating func accept(
        result seq: Int,
        from worker: WorkerID,
        at now: PoolTime
    ) -> AcceptedResult? {
        guard isCurrent(worker) else { return nil }
        let isFirstLine = slots[worker.slot].phase == .starting
        let (turnedTo, lag) = (slots[worker.slot].turnedTo, slots[worker.slot].lag)
        guard spoke(worker, at: now), mayComplete(seq, worker.slot),
            let flight = removeFlight(seq, from: worker.slot, results: 1, at: now)
        else {
            notePassed(seq, worker.slot)
            noteGivenUp(seq, by: worker)
            return nil
        }
        if isFirstLine { noteSilence(of: worker, at: now) }
        noteProgress(of: worker.slot, past: flight, at: now)
        defer { forget(flight.task) }
        guard let entry = entries[flight.task] else { return nil }
        let inHand =
            slots[worker.slot].concurrency == 1 ? now - (turnedTo ?? flight.sent) + lag : now - flight.sent
        let tries = Int(entry.crashes) + 1
        return AcceptedResult(token: entry.token, nanosecondsInHand: inHand, tries: tries)
    }

    /// Returns `true` if a worker may send this result now.
    ///
    /// An untrusted sequential worker must keep the order. Otherwise page content that reaches the worker's
    /// output could forge another page's result.
    @inline(__always)
    private func mayComplete(_ seq: Int, _ slot: Int) -> Bool {
        // Each property is read by itself, because a read of the whole slot would copy the slot.
        slots[slot].flights.isOldest(seq) || slots[slot].concurrency > 1 || slots[slot].isTrusted
    }

    /// Notes that a sequential worker sent a void result for a task that is not its oldest.
    ///
    /// The worker has probably finished this task, and may have begun its next task.
    private mutating func notePassed(_ seq: Int, _ slot: Int) {
        guard let flight = slots[slot].flights.flight(seq) else { return }
        slots[slot].furthest = max(slots[slot].furthest, flight.ordinal)
    }

    /// Notes that a worker has finished a task, with a usable or an unusable result.
    @inline(__always)
    mutating func noteProgress(of slot: Int, past flight: Flights.Flight, at now: PoolTime) {
        slots[slot].hasSentResult = true
        slots[slot].furthest = max(slots[slot].furthest, flight.ordinal)
        slots[slot].lastProgress = now
        slots[slot].failedStarts = 0
        if slots[slot].isCoordinator { commands[command(of: slot)].runsCoordinators = true }
        // A result shows that the worker's command can start.
        if hasFailedStarts { noteSuccess(of: slot) }
        if !slots[slot].garbage.isEmpty { slots[slot].garbage = Garbage() }
    }

    /// Returns `true` if a worker is still in its slot.
    func isCurrent(_ worker: WorkerID) -> Bool {
        slots[worker.slot].life == worker.life && slots[worker.slot].isLive
    }

    func command(of slot: Int) -> Int { slot % options.commands }

    /// Adds a task to the queue; a later `settle` sends it.
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

    /// Frees the entry of a task, so that another task can use it.
    mutating func forget(_ task: Int) {
        entries[task] = nil
        freeEntries.append(task)
    }

    /// Ends a task that got no usable result.
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

    /// Removes a sending from a worker; returns `nil` if the worker does not have the sending.
    ///
    /// `results` is the number of results to count, for the pace and in `WorkerTimes`.
    mutating func removeFlight(
        _ seq: Int,
        from slot: Int,
        results: Int,
        at now: PoolTime
    ) -> Flights.Flight? {
        let oldest = slots[slot].flights.oldest?.seq
        guard let flight = slots[slot].flights.remove(seq: seq) else { return nil }
        let isBusy = !slots[slot].flights.isEmpty
        slots[slot].meter.results += results
        slots[slot].times.results += results
        if !isBusy {
            (slots[slot].turnedTo, slots[slot].lag) = (nil, 0)
            if slots[slot].phase != .starting { slots[slot].times.begin(.waiting, at: now) }
        } else if seq == oldest {
            (slots[slot].turnedTo, slots[slot].lag) = (now, lag(at: now))
        }
        // A sequential worker may return a cancelled task that is its oldest.
        if results > 0 || (seq == oldest && slots[slot].concurrency == 1) { slots[slot].isRecalled = false }
        return flight
    }

    /// Returns the time since the turn of the loop began, in nanoseconds; 0 if no time passes within a turn.
    func lag(at now: PoolTime) -> Int { turnBegan.map { max(0, now - $0) } ?? 0 }

    mutating func countRestart(_ reason: RestartReason) {
        restarts += 1
        restartReasons[reason, default: 0] += 1
    }
}
