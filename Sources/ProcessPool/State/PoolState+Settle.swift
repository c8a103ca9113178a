// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

// The decisions at the end of a turn of the loop: starting workers, sending tasks, draining workers, ending
// the pool.

extension PoolState {
    /// Makes all decisions that are due now.
    ///
    /// Call `settle` after the events of a turn, and at the time of `nextWake`.
    package mutating func settle(at now: PoolTime, into actions: inout [PoolAction]) {
        guard phase != .finished else { return }
        settlesAt = nil
        measurePace(at: now)
        endBackOffs(at: now)
        endOverdue(at: now, into: &actions)
        endSlowStops(at: now, into: &actions)
        if !cancellations.isEmpty { endCancelled(at: now, into: &actions) }
        if !abandoned.isEmpty { endBlocked(at: now, into: &actions) }
        if phase == .open || phase == .draining {
            noteProbes(at: now)
            judgeOpenCases(at: now, into: &actions)
            replaceSpent(at: now, into: &actions)
            if options.idleTimeout != nil { dismissIdle(at: now, into: &actions) }
            promoteSpares(at: now)
            dismissSurplusSpare(at: now, into: &actions)
            startWorkers(at: now, into: &actions)
            recallFromSlowWorkers(at: now, into: &actions)
            retryOnFreshWorkers(at: now, into: &actions)
            trySuspects(at: now, into: &actions)
            deal(at: now, into: &actions)
        }
        if phase == .draining, unendedTasks == 0 { drainWorkers(at: now, into: &actions) }
        finishIfDone(into: &actions)
        // After these decisions, the workers may be able to hold more tasks than the last call of `wanted`
        // counted.
        if mayGetMore, wanted(at: now) > 0 { settlesAt = now }
    }

    /// Returns the time at which `settle` must be called again even without an event; `nil` if there is no
    /// such time.
    package func nextWake() -> PoolTime? {
        if let settlesAt { return settlesAt }
        var earliest = isEnding ? nil : fillsAt
        func consider(_ time: PoolTime) { earliest = min(earliest ?? time, time) }
        for slot in slots {
            if let closesAt = slot.closesAt, !slot.isStopping { consider(closesAt) }
            if let (due, _) = deadline(of: slot) { consider(due) }
            if let due = probeEnd(slot) { consider(due) }
            switch slot.phase {
            // An open pool can take more tasks at this time, even if no task is queued.
            case .backingOff(let until): if phase == .open || wantsStart { consider(until) }
            case .stopping(let killAt?): consider(killAt)
            case .ready where mayNeedRecall(slot):
                if let since = turnedTo(slot) {
                    consider(PoolTime(nanoseconds: since.nanoseconds + slowTask + 1))
                }
            default: break
            }
            // While tasks are queued or expected, the idle timeout drains no worker.
            if queuedTasks == 0, expectedTasks == 0, let due = idleEnd(of: slot) { consider(due) }
        }
        for cancellation in cancellations { consider(cancellation.due) }
        return earliest
    }

    /// Returns the number of tasks that a worker may get from `queue` now.
    func credit(of index: Int, at now: PoolTime) -> Int {
        let slot = slots[index]
        guard slot.takesWork, !slot.isReserved, !slot.isSpare, !slot.isStuffed else { return 0 }
        // A worker gets at most one task before its first line, because this line may never come.
        guard slot.phase == .ready else { return mayTry(slot) ? max(0, 1 - slot.flights.count) : 0 }
        if slot.concurrency == 1, isBehindSlowTask(slot, at: now) { return 0 }
        let room = window(of: slot, at: now) - slot.flights.count
        return max(0, min(room, options.tasksPerLife.map { $0 - slot.given } ?? room))
    }

    /// Returns `true` if a worker is ready, or may get a task before its first line.
    ///
    /// A machine gets no task before its first line: a child coordinator sends `hello` without a task. Until
    /// the `hello`, the task would wait while other machines are idle.
    private func mayTry(_ slot: WorkerSlot) -> Bool {
        slot.phase == .ready || !isProbing(slot) && !options.startsMachines
    }

    /// Returns `true` if a worker has not sent its first line, and its command may be unable to start.
    ///
    /// Such a worker gets no further task.
    private func isProbing(_ slot: WorkerSlot) -> Bool {
        openCases > 0 && slot.phase == .starting && commands[command(of: slot.place)].isInDoubt
    }

    /// Returns the largest number of unfinished tasks that a worker may hold.
    func window(of slot: WorkerSlot) -> Int {
        if slot.concurrency > 1 {
            guard slot.freeConcurrency > 0 else { return 0 }
            // If a worker sends no `start`, a task that waits looks the same as a task that hangs.
            let isTimed = options.taskDeadline != nil && !slot.isTrusted && !slot.saysStart
            let whole =
                options.sendsAhead && !isTimed
                ? pace.window(concurrency: slot.concurrency) : slot.concurrency
            return whole - slot.abandoned
        }
        // Without retries, a sequential worker holds only one task, so that its death costs only this task. A
        // worker that begins its tasks in order may hold more.
        let isExposed = options.crashRetries == 0 && !options.beginsInOrder
        return isExposed ? 1 : pace.window(concurrency: 1)
    }

    /// Returns the largest number of unfinished tasks that a worker may hold at `now`.
    ///
    /// No task may wait behind the slow tasks of a concurrent worker. Otherwise the worker would get back the
    /// tasks that were recalled from it.
    func window(of slot: WorkerSlot, at now: PoolTime) -> Int {
        slot.concurrency > 1 && isBehindSlowTask(slot, at: now) ? slot.freeConcurrency : window(of: slot)
    }

    private var hasWork: Bool {
        queuedTasks > 0 || (phase == .open && (options.startsAll || expectedTasks > 0))
    }

    /// Updates the pace from the measurements of all workers.
    ///
    /// Call this function before `wanted`; otherwise a window could shrink after tasks were submitted for
    /// this window.
    package mutating func measurePace(at now: PoolTime) {
        for index in slots.indices {
            pace.take(&slots[index].meter, isBusy: !slots[index].flights.isEmpty, at: now)
        }
    }

    private mutating func endBackOffs(at now: PoolTime) {
        for index in slots.indices {
            if case .backingOff(let until) = slots[index].phase, until <= now { slots[index].phase = .empty }
        }
    }

    /// Turns spares into regular workers while workers are missing and there is work; the spare with the
    /// fewest tasks goes first.
    private mutating func promoteSpares(at now: PoolTime) {
        guard options.keepsSpare, hasWork else { return }
        while missingWorkers > 0 {
            let spares = slots.indices.filter { slots[$0].takesWork && slots[$0].isSpare }
            guard let next = spares.min(by: { slots[$0].flights.count < slots[$1].flights.count }) else {
                return
            }
            slots[next].isSpare = false
            // The start of a process blocks the loop for a millisecond, so the spare gets its tasks first.
            if fillsAt == nil { fillsAt = now + 1 }
        }
    }

    /// Drains one spare if several spares are idle, because the next retry needs a free slot.
    ///
    /// The drained spare is the idle spare that was given the most tasks.
    private mutating func dismissSurplusSpare(at now: PoolTime, into actions: inout [PoolAction]) {
        guard options.keepsSpare else { return }
        let idle = slots.indices.filter { isIdleSpare(slots[$0]) }
        guard idle.count > 1, let used = idle.max(by: { slots[$0].given < slots[$1].given }) else { return }
        drain(used, at: now, into: &actions)
    }

    private func isIdleSpare(_ slot: WorkerSlot) -> Bool {
        slot.takesWork && slot.isSpare && slot.flights.isEmpty && !isProbing(slot)
    }

    private mutating func startWorkers(at now: PoolTime, into actions: inout [PoolAction]) {
        if let fillsAt, now < fillsAt { return }
        fillsAt = nil
        for index in slots.indices where slots[index].isVacant(at: now) {
            guard wantsStart else { return }
            if openCases > 0, commands[command(of: index)].isInDoubt {
                // The worker gets no task, not even a retry.
                guard due > 0 || needsProbe(command(of: index)) else { continue }
                start(index, isSpare: missingWorkers == 0, retry: nil, at: now, into: &actions)
                continue
            }
            // If the pool keeps spares and has enough free slots, the retry gets a worker in addition to the
            // `due` workers. Otherwise one of the `due` workers gets the retry.
            if due > 0 {
                let hasRoom = slots.count { $0.isVacant(at: now) } >= due + retries.count
                let retry = options.keepsSpare && hasRoom ? nil : retries.popFirst()
                start(index, isSpare: false, retry: retry, at: now, into: &actions)
            } else if let retry = retries.popFirst() {
                start(index, isSpare: options.keepsSpare, retry: retry, at: now, into: &actions)
            } else if wantsSpare {
                start(index, isSpare: true, retry: nil, at: now, into: &actions)
            }
        }
    }

    /// True if a worker should be started in a free slot.
    private var wantsStart: Bool {
        hasWork
            && (due > 0 || !retries.isEmpty || wantsSpare
                || (openCases > 0 && commands.indices.contains(where: needsProbe)))
    }

    /// Returns `true` if a worker without a task must be started to see whether the command can start.
    private func needsProbe(_ command: Int) -> Bool {
        commands[command].isInDoubt
            && !slots.contains { isProbing($0) && self.command(of: $0.place) == command }
    }

    /// The number of workers to start, apart from spares and workers for retries; 0 or less for none.
    ///
    /// If workers are started on demand, the number is at most one for each task that no idle worker can
    /// take. A starting worker without a task counts as idle, except with `PoolOptions.startsMachines`
    /// (`mayTry`).
    private var due: Int {
        let isOnDemand = !options.startsAll || phase != .open
        let tasks = queuedTasks - retries.count + (phase == .open ? expectedTasks : 0)
        return isOnDemand ? min(missingWorkers, tasks - idleWorkers) : missingWorkers
    }

    private var wantsSpare: Bool { options.keepsSpare && hasCrashed && !hasIdleSpare }

    private mutating func start(
        _ index: Int,
        isSpare: Bool,
        retry: Int?,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        slots[index].begin(life: livesBegun, at: now)
        slots[index].isSpare = isSpare
        livesBegun += 1
        actions.append(.spawn(WorkerID(slot: index, life: slots[index].life), isForRetry: retry != nil))
        if let retry { send(retry, to: index, at: now, into: &actions) }
    }

    private var hasIdleSpare: Bool { slots.contains { $0.isLive && $0.isSpare && $0.flights.isEmpty } }

    private var idleWorkers: Int {
        slots.count {
            $0.takesWork && !$0.isSpare && !$0.isStuffed && $0.flights.isEmpty
                && ($0.phase == .ready || !options.startsMachines)
        }
    }

    /// Recalls the tasks that wait behind a slow task (`isBehindSlowTask`), so that other workers can get
    /// these tasks.
    private mutating func recallFromSlowWorkers(at now: PoolTime, into actions: inout [PoolAction]) {
        for index in slots.indices where mayNeedRecall(slots[index]) {
            guard isBehindSlowTask(slots[index], at: now) else { continue }
            slots[index].isRecalled = true
            let waiting = slots[index].flights.count - slots[index].freeConcurrency
            slots[index].mayReturn += waiting
            actions.append(.recall(WorkerID(slot: index, life: slots[index].life), max: waiting))
        }
    }

    func mayNeedRecall(_ slot: WorkerSlot) -> Bool {
        slot.phase == .ready && slot.takesWork && !slot.isRecalled
            && slot.flights.count > slot.freeConcurrency
    }

    /// Returns `true` if no task should wait behind a worker's oldest task.
    ///
    /// The result is `true` once the time since `turnedTo` is longer than `slowTask`. For a sequential
    /// worker, the result is also `true` if the oldest task was cancelled: the pool may have to end the
    /// worker because of this task.
    private func isBehindSlowTask(_ slot: WorkerSlot, at now: PoolTime) -> Bool {
        guard let oldest = slot.flights.oldest, let since = turnedTo(slot) else { return false }
        if slot.concurrency == 1, entries[oldest.task]?.isCancelled ?? false { return true }
        return now - since > slowTask
    }

    /// The time after which a task is slow, in nanoseconds: 100 ms or less.
    ///
    /// If the workers begin their tasks in order, the time is at most half of the task deadline. A worker
    /// then has time to return its later tasks before the deadline. If a worker still held later tasks at the
    /// deadline, it could begin the next task just before the worker's end. This next task would then end
    /// with the worker.
    private var slowTask: Int {
        let usual = 100_000_000
        guard options.beginsInOrder, let limit = options.taskDeadline, limit.count < 200 else { return usual }
        return limit.count * 500_000
    }

    /// Returns the time since which a worker's later tasks have waited for the oldest; `nil` if the worker
    /// has no task.
    ///
    /// For a concurrent worker, this time is the later of the sending of the oldest task and `lastProgress`.
    private func turnedTo(_ slot: WorkerSlot) -> PoolTime? {
        guard slot.concurrency > 1, let sent = slot.flights.oldest?.sent else { return slot.turnedTo }
        return max(sent, slot.lastProgress)
    }

    /// Reserves one worker for the suspects.
    ///
    /// When the reserved worker holds no task, it gets one suspect and no other task.
    private mutating func trySuspects(at now: PoolTime, into actions: inout [PoolAction]) {
        guard !suspects.isEmpty else { return endReservations(but: nil) }
        let able = slots.indices.filter { mayBeReserved(slots[$0]) }
        let reserved = able.first { slots[$0].isReserved }
        let quietest = able.min { slots[$0].unrest < slots[$1].unrest }
        let index = reserved ?? quietest
        endReservations(but: index)
        guard let index else { return }
        slots[index].isReserved = true
        guard slots[index].flights.isEmpty, let task = suspects.popFirst() else { return }
        slots[index].hasSuspect = true
        send(task, to: index, at: now, into: &actions)
    }

    /// Ends the reservation of each worker without a suspect, except the worker in slot `kept`; `nil` for no
    /// exception.
    private mutating func endReservations(but kept: Int?) {
        for index in slots.indices where slots[index].isReserved && index != kept {
            guard slots[index].flights.isEmpty || !slots[index].hasSuspect else { continue }
            (slots[index].isReserved, slots[index].hasSuspect) = (false, false)
        }
    }

    /// Gives retries to workers that have had no task yet, if every slot has a process.
    private mutating func retryOnFreshWorkers(at now: PoolTime, into actions: inout [PoolAction]) {
        guard !retries.isEmpty, slots.allSatisfy(\.isLive) else { return }
        for index in slots.indices where slots[index].takesWork && slots[index].given == 0 {
            guard !slots[index].isReserved, mayTry(slots[index]), let retry = retries.popFirst() else {
                continue
            }
            send(retry, to: index, at: now, into: &actions)
        }
    }

    /// Returns `true` if a worker may be reserved for a suspect.
    ///
    /// A worker for which `mayTry` is true may be reserved before its first line. If this line never comes, a
    /// deadline ends the worker.
    private func mayBeReserved(_ slot: WorkerSlot) -> Bool {
        slot.takesWork && mayTry(slot) && (options.tasksPerLife.map { slot.given < $0 } ?? true)
    }

    private mutating func deal(at now: PoolTime, into actions: inout [PoolAction]) {
        if options.keepsAffinity { return dealKeepingAffinity(at: now, into: &actions) }
        guard !queue.isEmpty else { return }
        var credits = slots.indices.map { credit(of: $0, at: now) }
        while !queue.isEmpty {
            guard let freest = credits.indices.max(by: { credits[$0] < credits[$1] }), credits[freest] > 0
            else { return }
            // A search for the freest worker for each task would cost time, so one search serves a block of
            // tasks.
            var block = max(1, min(credits[freest] / Self.blocksOfCredit, Self.largestBlock))
            while block > 0, credits[freest] > 0, let task = queue.popFirst() {
                var slot = freest
                if let affinity = entries[task]?.affinity {
                    slot = usualSlot(of: affinity, credits, at: now) ?? freest
                    affinities.note(affinity, WorkerID(slot: slot, life: slots[slot].life))
                }
                credits[slot] -= 1
                block -= 1
                send(task, to: slot, at: now, into: &actions)
            }
        }
    }

    /// The intended number of blocks in a worker's credit.
    private static let blocksOfCredit = 16
    /// The most tasks in a block.
    private static let largestBlock = 64

    mutating func send(_ task: Int, to slot: Int, at now: PoolTime, into actions: inout [PoolAction]) {
        guard let entry = entries[task] else { return }
        sendings += 1
        let seq = numbers.next(sendings)
        if slots[slot].flights.isEmpty {
            (slots[slot].turnedTo, slots[slot].lag) = (now, 0)
            slots[slot].meter = Pace.Meter(since: now)
            if slots[slot].phase != .starting { slots[slot].times.begin(.working, at: now) }
        }
        slots[slot].given += 1
        slots[slot].flights.append(Flights.Flight(seq: seq, ordinal: sendings, task: task, sent: now))
        let worker = WorkerID(slot: slot, life: slots[slot].life)
        actions.append(.send(worker, token: entry.token, seq: seq, attempt: Int(entry.crashes) + 1))
    }
}
