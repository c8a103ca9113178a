// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// How workers end, and what their end says: about a task, about the command (PoolState+Starts.swift), or nothing.

extension PoolState {
    mutating func spawnFailed(
        _ worker: WorkerID,
        isHopeless: Bool,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        // It happens while the decisions of a `settle` are carried out, and its task is to go to another.
        settlesAt = now
        if isHopeless { commands[command(of: worker.slot)].failedStarts = options.failedStartLimit }
        let dead = slots[worker.slot]
        slots[worker.slot].vacate()
        failedStart(worker, dead, exit, wasStarted: false, isHopeless: isHopeless, into: &actions)
        if !isEnding { backOff(worker.slot, at: now) }
    }

    /// Takes a dead worker out of its slot and decides what becomes of its tasks.
    mutating func bury(
        _ worker: WorkerID,
        _ exit: WorkerExit,
        unread: Int,
        isTorn: Bool,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        var dead = slots[worker.slot]
        // Half of an answer, or of one after another: it died over it, or has taken it for given and gone on, nobody knows how far.
        if isTorn, let last = dead.flights.all.last { dead.furthest = last.ordinal }
        slots[worker.slot].vacate()
        var exit = exit
        exit.wasStopped = dead.isStopping
        let neverSpoke = dead.phase == .starting || dead.wasStarting
        let hadTasks = !dead.flights.isEmpty
        // Nobody has begun what nobody has read, so it goes back whatever it is.
        giveBackUnread(unread, of: &dead, neverSpoke: neverSpoke)
        let hasLeft = dead.stopReason == nil && (dead.hasSaidBye || (exit.isClean && dead.phase == .draining))
        if neverSpoke, isFailedStart(dead, hadTasks: hadTasks) {
            failedStart(worker, dead, exit, wasStarted: true, into: &actions)
            if !isEnding { backOff(worker.slot, at: now) }
            return
        }
        if !hasLeft, phase == .open || phase == .draining { countRestart() }
        if neverSpoke, isUncertain(commands[command(of: worker.slot)], dead) {
            openCase(worker, dead, exit, at: now, into: &actions)
        } else if hasLeft {
            leave(worker, dead, exit, into: &actions)
        } else {
            assignBlame(for: worker, dead, exit, at: now, into: &actions)
        }
        // One that comes and goes without doing anything must not keep a core busy.
        if !isEnding, !dead.hasAnswered, hasLeft || (dead.stopReason == nil && dead.flights.isEmpty) {
            backOff(worker.slot, at: now)
        }
    }

    /// True if a worker that ended before its first line could not start, so that its tasks have no part in that.
    private func isFailedStart(_ dead: WorkerSlot, hadTasks: Bool) -> Bool {
        let command = commands[command(of: dead.place)]
        if dead.stopReason == .neverBegan || dead.isRefused { return true }
        // One that works without a word and has nothing to do may go.
        if dead.flights.isEmpty { return hadTasks || !command.isSilent }
        return command.greets && !dead.hasGreeted
    }

    /// True if nobody knows yet what a death before a first line means.
    private func isUncertain(_ command: CommandState, _ dead: WorkerSlot) -> Bool {
        !command.canStart || (command.seemsToGreet && !command.greets && !dead.hasGreeted)
    }

    private mutating func backOff(_ slot: Int, at now: PoolTime) {
        slots[slot].failedStarts += 1
        let pause = min(50 << min(slots[slot].failedStarts - 1, 10), 5_000)
        slots[slot].phase = .backingOff(until: now + PoolTime.Milliseconds(pause))
    }

    /// Takes the newest tasks, of which a worker has read nothing, out of its hands.
    ///
    /// Worker after worker that reads nothing would let a task go round for ever; after some of these it counts as read.
    private mutating func giveBackUnread(_ unread: Int, of dead: inout WorkerSlot, neverSpoke: Bool) {
        var untouched = dead.flights.removeNewest(unread)
        if !neverSpoke, !dead.hasAnswered, dead.flights.isEmpty, let oldest = untouched.first {
            entries[oldest.task]?.timesLeft += 1
            if let entry = entries[oldest.task], entry.timesLeft >= options.failedStartLimit {
                dead.flights.append(untouched.removeFirst())
            }
        }
        // Where the worker could not be started, another task goes first next time.
        requeue(untouched.map(\.task), atEnd: neverSpoke)
    }

    /// What a worker leaves unanswered at a clean end goes back, but for requests that it began and that may not be
    /// sent twice.
    ///
    /// A `bye` is believed where a clean end follows; else what may have begun counts as begun, as at any death.
    private mutating func leave(
        _ worker: WorkerID,
        _ gone: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        var culprit: Int?
        if isLeftAgain(gone), let oldest = gone.flights.oldest {
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

    /// True if worker after worker has left over a task, or some of them, without doing any: these would go round for ever.
    ///
    /// Then one that works in order has died of its oldest, and of one that has many in hand nobody knows, as at a death.
    mutating func isLeftAgain(_ gone: WorkerSlot) -> Bool {
        guard !gone.hasAnswered, let oldest = gone.flights.oldest else { return false }
        for flight in gone.flights.all where gone.concurrency > 1 || flight.seq == oldest.seq {
            entries[flight.task]?.timesLeft += 1
        }
        return entries[oldest.task].map { $0.timesLeft >= options.failedStartLimit } ?? false
    }

    /// Kills all workers and cancels all tasks.
    mutating func end(_ end: PoolEnd, into actions: inout [PoolAction]) {
        switch phase {
        case .open, .draining: phase = .ending(end)
        case .ending, .finished: return
        }
        for index in slots.indices {
            slots[index].flights = Flights()
            if slots[index].isLive {
                slots[index].phase = .stopping(killAt: nil)
                actions.append(.kill(WorkerID(slot: index, life: slots[index].life)))
            }
        }
        let verdict: TaskEnd
        if case .cannotStart(_, let exit) = end { verdict = .unstartable(exit) } else { verdict = .cancelled }
        for task in entries.indices where entries[task] != nil {
            complete(task, verdict, by: nil, into: &actions)
        }
        (queue, retries, suspects) = (Deque(), Deque(), Deque())
        for index in commands.indices { commands[index].openCases = [] }
        openCases = 0
    }
}
