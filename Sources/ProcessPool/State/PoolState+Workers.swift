// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

// What workers say and how they end.

extension PoolState {
    mutating func greet(_ worker: WorkerID, _ hello: Hello, at now: PoolTime) {
        guard spoke(worker, at: now) else { return }
        slots[worker.slot].concurrency = hello.concurrency
        slots[worker.slot].isTrusted = hello.name.map(options.trustedNames.contains) ?? false
    }

    /// Notes that a worker said a line; `false` if it is not the slot's worker any more.
    mutating func spoke(_ worker: WorkerID, at now: PoolTime) -> Bool {
        guard isCurrent(worker) else { return false }
        slots[worker.slot].lastHeard = now
        if slots[worker.slot].phase == .starting {
            slots[worker.slot].phase = .ready
            // What it was sent before waited for it to start.
            if !slots[worker.slot].flights.isEmpty { slots[worker.slot].turnedTo = now }
            failedStartsInRow = 0
            hasHeard = true
        }
        return true
    }

    mutating func beat(_ worker: WorkerID, isHeld: Bool, at now: PoolTime) {
        guard spoke(worker, at: now) else { return }
        slots[worker.slot].hasBeaten = true
        if isHeld { slots[worker.slot].lastProgress = now }
    }

    mutating func start(_ seq: Int, by worker: WorkerID, at now: PoolTime) {
        guard spoke(worker, at: now) else { return }
        _ = slots[worker.slot].flights.start(seq: seq, at: now)
    }

    mutating func takeBack(_ seq: Int, from worker: WorkerID, at now: PoolTime) {
        guard spoke(worker, at: now), slots[worker.slot].mayReturn > 0,
            let flight = slots[worker.slot].flights.remove(seq: seq)
        else { return }
        slots[worker.slot].mayReturn -= 1
        slots[worker.slot].given -= 1
        requeue([flight.task])
    }

    /// A worker that holds too much memory is killed at once, for it grows while it is asked to leave.
    mutating func outgrew(_ worker: WorkerID, at now: PoolTime, into actions: inout [PoolAction]) {
        guard isCurrent(worker), !slots[worker.slot].isStopping else { return }
        if let oldest = slots[worker.slot].flights.oldest {
            slots[worker.slot].sentence = .memory(seq: oldest.seq)
        }
        slots[worker.slot].wasStarting = slots[worker.slot].phase == .starting
        slots[worker.slot].phase = .stopping(killAt: nil)
        actions.append(.kill(worker))
    }

    /// A worker that cannot keep to the protocol is ended; the task in hand fails, since its answer may be lost.
    mutating func garbage(
        from worker: WorkerID,
        isFatal: Bool,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        slots[worker.slot].garbageLines += 1
        guard isFatal || slots[worker.slot].garbageLines >= 10 else { return }
        if slots[worker.slot].concurrency == 1, let oldest = slots[worker.slot].flights.oldest {
            _ = removeFlight(oldest.seq, from: worker.slot, at: now)
            slots[worker.slot].sentence = .brokeProtocol
            complete(oldest.task, .brokeProtocol, by: worker, into: &actions)
        }
        stop(worker, at: now, into: &actions)
    }

    /// Nothing it does can be heard any more, so it is as good as dead.
    mutating func outputClosed(_ worker: WorkerID, at now: PoolTime, into actions: inout [PoolAction]) {
        guard isCurrent(worker) else { return }
        if slots[worker.slot].isStopping || slots[worker.slot].phase == .draining { return }
        // A worker on its way out closes its output a moment before it ends.
        slots[worker.slot].closesAt = now + 100
    }

    mutating func stop(_ worker: WorkerID, at now: PoolTime, into actions: inout [PoolAction]) {
        if case .stopping = slots[worker.slot].phase { return }
        slots[worker.slot].wasStarting = slots[worker.slot].phase == .starting
        slots[worker.slot].phase = .stopping(killAt: now + 1_000)
        actions.append(.terminate(worker))
    }

    mutating func spawnFailed(
        _ worker: WorkerID,
        isHopeless: Bool,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        if isHopeless { failedStartsInRow = options.failedStartLimit }
        bury(worker, WorkerExit(status: 127), at: now, into: &actions)
    }

    /// Takes a dead worker out of its slot and decides what becomes of its tasks.
    mutating func bury(
        _ worker: WorkerID,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        let dead = slots[worker.slot]
        slots[worker.slot].vacate()
        let hasLeft = dead.sentence == nil && (dead.hasSaidBye || (exit.isClean && dead.phase == .draining))
        let neverSpoke = dead.phase == .starting || dead.wasStarting
        if neverSpoke, !silentCommands.contains(command(of: worker.slot)) {
            failedStart(worker, dead, exit, at: now, into: &actions)
        } else if hasLeft {
            leave(worker, dead, exit, into: &actions)
        } else {
            if phase == .open || phase == .draining { countRestart() }
            assignBlame(for: worker, dead, exit, at: now, into: &actions)
        }
        // One that comes and goes without doing anything must not keep a core busy.
        if slots[worker.slot].phase == .empty, !dead.hasAnswered,
            hasLeft || (dead.sentence == nil && dead.flights.isEmpty)
        {
            backOff(worker.slot, at: now)
        }
    }

    private mutating func backOff(_ slot: Int, at now: PoolTime) {
        slots[slot].failedStarts += 1
        let pause = min(50 << min(slots[slot].failedStarts - 1, 10), 5_000)
        slots[slot].phase = .backingOff(until: now + PoolTime.Milliseconds(pause))
    }

    /// What a worker leaves unanswered at a clean end goes back, but for requests that it began and that may not be
    /// sent twice, and for tasks that worker after worker has left without doing any: these would go round for ever.
    private mutating func leave(
        _ worker: WorkerID,
        _ gone: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        var unbegun: [Int] = []
        for flight in gone.flights.all {
            if !gone.hasAnswered { entries[flight.task]?.timesLeft += 1 }
            guard let entry = entries[flight.task] else { continue }
            if flight.started != nil && !entry.mayRepeat || entry.timesLeft == options.failedStartLimit {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else {
                unbegun.append(flight.task)
            }
        }
        requeue(unbegun)
    }

    private mutating func failedStart(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        for flight in dead.flights.all {
            if dead.sentence == .deadline(seq: flight.seq) {
                // Nobody knows whether the worker or the task hung; so the task ends, and the worker counts as not started.
                complete(flight.task, .pastDeadline(exit), by: worker, into: &actions)
            } else {
                // The task it had is not to blame, but another goes first next time.
                queue.append(flight.task)
            }
        }
        failedStartsInRow += 1
        backOff(worker.slot, at: now)
        if failedStartsInRow >= options.failedStartLimit { end(.cannotStart(worker), into: &actions) }
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
        for task in entries.indices where entries[task] != nil {
            complete(task, .cancelled, by: nil, into: &actions)
        }
        (queue, retries, suspects) = (RingQueue(), RingQueue(), RingQueue())
    }
}
