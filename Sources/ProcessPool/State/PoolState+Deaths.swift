// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Handles the ends of workers. The cause may be a task, the command (PoolState+Starts.swift), or neither.

extension PoolState {
    mutating func spawnFailed(
        _ worker: WorkerID,
        isHopeless: Bool,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        // Starts fail while the actions of `settle` are performed. The next `settle` must handle the requeued
        // tasks.
        settlesAt = now
        let command = command(of: worker.slot)
        // A known command (`isKnown`) may fail for a moment only: its program is being replaced, or the
        // descriptors of this process are used up.
        let isHopeless = isHopeless && !commands[command].isKnown
        if isHopeless {
            if commands[command].failedStarts == 0 { commands[command].failingSince = now }
            commands[command].failedStarts = max(commands[command].failedStarts, options.failedStartLimit)
        }
        let dead = slots[worker.slot]
        slots[worker.slot].vacate(at: now)
        failedStart(worker, dead, exit, wasStarted: false, isHopeless: isHopeless, at: now, into: &actions)
        if !isEnding { backOff(worker.slot, at: now) }
    }

    /// Returns a worker's exit with the reasons for which the pool was ending the worker.
    ///
    /// If the worker is no longer in its slot, the result is `exit` without such reasons.
    package func explain(_ exit: WorkerExit, of worker: WorkerID) -> WorkerExit {
        isCurrent(worker) ? slots[worker.slot].explain(exit) : exit
    }

    /// Removes a dead worker from its slot and decides on its tasks.
    mutating func retire(
        _ worker: WorkerID,
        _ exit: WorkerExit,
        unread: Int,
        isTorn: Bool,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        var dead = slots[worker.slot]
        // The worker died while it was writing a line, perhaps a result. The result may belong to any of the
        // worker's tasks, so all its tasks may have begun.
        if isTorn, let last = dead.flights.all.last { dead.furthest = last.ordinal }
        slots[worker.slot].vacate(at: now)
        if dead.abandoned > 0 { abandoned = abandoned.filter { $0.worker != worker } }
        var exit = dead.explain(exit)
        let neverSpoke = dead.phase == .starting || dead.wasStarting
        // If the pool ends because of this worker, the error message shows this text.
        if neverSpoke, dead.stopReason == .flooded { exit.errorTail.append("it " + dead.garbage.account) }
        let hadTasks = !dead.flights.isEmpty
        // A task that was not read has not begun, so it is requeued even if it must not be repeated.
        giveBackUnread(unread, of: &dead, neverSpoke: neverSpoke)
        let hasLeft = dead.stopReason == nil && (dead.hasSaidBye || (exit.isClean && dead.phase == .draining))
        if neverSpoke && isFailedStart(dead, hadTasks: hadTasks) || hasGivenUp(dead, exit) {
            failedStart(worker, dead, exit, wasStarted: true, at: now, into: &actions)
            if !isEnding { backOff(worker.slot, at: now) }
            return
        }
        if !hasLeft, phase == .open || phase == .draining { countRestart(RestartReason(dead, exit)) }
        if neverSpoke, isUncertain(commands[command(of: worker.slot)], dead) {
            openCase(worker, dead, exit, at: now, into: &actions)
        } else if hasLeft {
            leave(worker, dead, exit, into: &actions)
        } else {
            assignBlame(for: worker, dead, exit, at: now, into: &actions)
        }
        // Without a pause, a program that exits without doing anything would keep a core busy with its
        // starts.
        if !isEnding, !dead.hasSentResult, hasLeft || (dead.stopReason == nil && dead.flights.isEmpty) {
            backOff(worker.slot, at: now)
        }
    }

    /// Returns `true` if the start of a dead worker has failed (`CommandState`).
    ///
    /// Call this function only if the worker was starting when it died, or was starting when the pool began
    /// to end it.
    private func isFailedStart(_ dead: WorkerSlot, hadTasks: Bool) -> Bool {
        let command = commands[command(of: dead.place)]
        if dead.stopReason == .neverBegan || dead.isRefused { return true }
        // A worker that sends no `hello` may exit when it has nothing to do.
        if dead.flights.isEmpty { return hadTasks || !command.isSilent }
        return command.greets && !dead.hasGreeted
    }

    /// Returns `true` if a child coordinator has ended by itself because it cannot work.
    ///
    /// The exit status is 2 for wrong usage, 3 for unusable files, or 4 for workers that do not start. The
    /// child sends `hello` after a second at the latest, so this end can come after its first line.
    private func hasGivenUp(_ dead: WorkerSlot, _ exit: WorkerExit) -> Bool {
        dead.isCoordinator && !dead.hasSentResult && dead.stopReason == nil && exit.signal == nil
            && 2...4 ~= exit.status
    }

    /// Returns `true` if the cause of a death before the first line is not known yet.
    private func isUncertain(_ command: CommandState, _ dead: WorkerSlot) -> Bool {
        !command.canStart || (command.seemsToGreet && !command.greets && !dead.hasGreeted)
    }

    private mutating func backOff(_ slot: Int, at now: PoolTime) {
        slots[slot].failedStarts += 1
        let pause = min(50 << min(slots[slot].failedStarts - 1, 10), 5_000)
        slots[slot].phase = .backingOff(until: now + PoolTime.Milliseconds(pause))
    }

    /// Requeues the newest `unread` tasks of a dead worker; the worker has not read these tasks.
    ///
    /// If workers send a line but never read, a task could be requeued forever. So after `failedStartLimit`
    /// such workers, the oldest task counts as read. The count, `Entry.timesLeft`, also includes other ends.
    private mutating func giveBackUnread(_ unread: Int, of dead: inout WorkerSlot, neverSpoke: Bool) {
        var untouched = dead.flights.removeNewest(unread)
        if !neverSpoke, !dead.hasSentResult, dead.flights.isEmpty, let oldest = untouched.first {
            entries[oldest.task]?.timesLeft += 1
            if let entry = entries[oldest.task], entry.timesLeft >= options.failedStartLimit {
                dead.flights.append(untouched.removeFirst())
            }
        }
        // If the worker sent no line, its unread tasks go to the end of the queue, so that the next worker
        // first gets another task.
        requeue(untouched.map(\.task), atEnd: neverSpoke)
    }

    /// Decides on the tasks of a worker that sent `bye`, or that exited cleanly after `drain`.
    ///
    /// After a clean exit, the tasks are requeued, but started tasks that must not be repeated end as lost.
    /// After an exit that is not clean, `release` decides on the tasks.
    ///
    /// If too many workers have left the oldest task behind (`isLeftAgain`), the oldest task of a sequential
    /// worker ends as crashed. If the worker is concurrent, `suspect` decides on all its tasks.
    private mutating func leave(
        _ worker: WorkerID,
        _ gone: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        var culprit: Int?
        if isLeftAgain(gone, exit), let oldest = gone.flights.oldest {
            guard gone.concurrency == 1 else { return suspect(worker, gone, exit, into: &actions) }
            complete(oldest.task, .crashed(exit), by: worker, into: &actions)
            culprit = oldest.seq
        }
        guard exit.isClean else { return release(worker, gone, exit, but: culprit, into: &actions) }
        var unbegun: [Int] = []
        for flight in gone.flights.all {
            guard let entry = entries[flight.task] else { continue }
            if flight.started != nil, !entry.mayRepeat {
                complete(flight.task, .lost(exit), by: worker, into: &actions)
            } else {
                unbegun.append(flight.task)
            }
        }
        requeue(unbegun)
    }

    /// Counts an exit against the worker's tasks (`Entry.timesLeft`), if the exit is not clean or the worker
    /// has sent no result.
    ///
    /// A sequential worker's exit counts only for the oldest task. Without a limit, this task could be
    /// requeued forever.
    ///
    /// - Returns: True if the exit was counted, and the count of the oldest task has reached
    ///   `failedStartLimit`.
    mutating func isLeftAgain(_ gone: WorkerSlot, _ exit: WorkerExit) -> Bool {
        guard !gone.hasSentResult || !exit.isClean, let oldest = gone.flights.oldest else { return false }
        for flight in gone.flights.all where gone.concurrency > 1 || flight.seq == oldest.seq {
            entries[flight.task]?.timesLeft += 1
        }
        return entries[oldest.task].map { $0.timesLeft >= options.failedStartLimit } ?? false
    }

    /// Ends all workers and all tasks.
    ///
    /// If `end` is `cannotStart`, the tasks end as unstartable; otherwise they end as cancelled.
    ///
    /// If `killAt` is `nil`, the workers get SIGKILL now. Otherwise they get SIGTERM now, and SIGKILL at
    /// `killAt`; a worker that had got SIGTERM before keeps the earlier time. If the pool is already ending,
    /// a call with a `killAt` does nothing, and a call without `killAt` only kills the workers that are left.
    /// If the pool has ended, the function does nothing.
    mutating func end(_ end: PoolEnd, killAt: PoolTime? = nil, into actions: inout [PoolAction]) {
        switch phase {
        case .open, .draining: phase = .ending(end)
        case .ending:
            if killAt == nil { killStoppingWorkers(into: &actions) }
            return
        case .finished: return
        }
        for index in slots.indices {
            slots[index].flights = Flights()
            guard slots[index].isLive, !slots[index].isStopping else { continue }
            let worker = WorkerID(slot: index, life: slots[index].life)
            slots[index].phase = .stopping(killAt: killAt)
            actions.append(killAt == nil ? .kill(worker) : .terminate(worker))
        }
        if killAt == nil { killStoppingWorkers(into: &actions) }
        let verdict: TaskEnd
        if case .cannotStart(_, let exit) = end { verdict = .unstartable(exit) } else { verdict = .cancelled }
        for task in entries.indices where entries[task] != nil {
            complete(task, verdict, by: nil, into: &actions)
        }
        (queue, retries, suspects) = (Deque(), Deque(), Deque())
        cancellations = []
        for index in commands.indices { commands[index].openCases = [] }
        openCases = 0
    }
}
