// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

// What workers say and how they end.

extension PoolState {
    mutating func greet(_ worker: WorkerID, _ hello: Hello, at now: PoolTime) {
        // Another, of a page that found the way to standard output, must not change how deaths are blamed.
        guard spoke(worker, at: now), !slots[worker.slot].hasGreeted else { return }
        slots[worker.slot].hasGreeted = true
        greetingCommands.insert(command(of: worker.slot))
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
        guard spoke(worker, at: now), slots[worker.slot].flights.start(seq: seq, at: now) else { return }
        slots[worker.slot].furthest = max(slots[worker.slot].furthest, seq - 1)
    }

    mutating func takeBack(_ seq: Int, from worker: WorkerID, at now: PoolTime) {
        guard spoke(worker, at: now), slots[worker.slot].mayReturn > 0,
            let flight = removeFlight(seq, from: worker.slot, answers: 0, at: now)
        else { return }
        slots[worker.slot].mayReturn -= 1
        slots[worker.slot].given -= 1
        requeue([flight.task])
    }

    /// A worker that has said its last line is given nothing more, and is ended if it does not go.
    mutating func leave(_ worker: WorkerID, at now: PoolTime) {
        guard spoke(worker, at: now) else { return }
        slots[worker.slot].hasSaidBye = true
        if slots[worker.slot].closesAt == nil { slots[worker.slot].closesAt = now + Self.leaveLimit }
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
        if slots[worker.slot].isStopping {
            // What it prints while it is being ended costs no other task; but if that was to be an answer, it has gone on.
            if isFatal, let next = slots[worker.slot].next { slots[worker.slot].furthest = next.seq }
            return
        }
        slots[worker.slot].garbageLines += 1
        guard isFatal || slots[worker.slot].garbageLines >= 10 else { return }
        slots[worker.slot].sentence = .brokeProtocol
        if slots[worker.slot].concurrency == 1, let oldest = slots[worker.slot].flights.oldest {
            _ = removeFlight(oldest.seq, from: worker.slot, answers: 0, at: now)
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
        // It happens while the decisions of a `settle` are carried out, and its task is to go to another.
        settlesAt = now
        if isHopeless { failedStartsInRow = options.failedStartLimit }
        bury(worker, WorkerExit(status: 127), wasStarted: false, at: now, into: &actions)
    }

    /// Takes a dead worker out of its slot and decides what becomes of its tasks.
    mutating func bury(
        _ worker: WorkerID,
        _ exit: WorkerExit,
        wasStarted: Bool = true,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        let dead = slots[worker.slot]
        slots[worker.slot].vacate()
        let hasLeft = dead.sentence == nil && (dead.hasSaidBye || (exit.isClean && dead.phase == .draining))
        let neverSpoke = dead.phase == .starting || dead.wasStarting
        if !wasStarted || (neverSpoke && !silentCommands.contains(command(of: worker.slot))) {
            failedStart(worker, dead, exit, wasStarted: wasStarted, at: now, into: &actions)
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
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else {
                unbegun.append(flight.task)
            }
        }
        requeue(unbegun)
    }

    /// Whether worker after worker has left over a task, or some of them, without doing any: these would go round for ever.
    ///
    /// Then one that works in order has died of its oldest, and of one that has many in hand nobody knows, as at a death.
    private mutating func isLeftAgain(_ gone: WorkerSlot) -> Bool {
        guard !gone.hasAnswered, let oldest = gone.flights.oldest else { return false }
        for flight in gone.flights.all where gone.concurrency > 1 || flight.seq == oldest.seq {
            entries[flight.task]?.timesLeft += 1
        }
        return entries[oldest.task].map { $0.timesLeft >= options.failedStartLimit } ?? false
    }

    /// The task that a worker had which failed to start is not to blame; but if workers of its command are not known to
    /// say hello before they begin, or it said one while it was ended, nobody knows that it was not begun.
    private mutating func failedStart(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        wasStarted: Bool,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        let saysHelloFirst = greetingCommands.contains(command(of: worker.slot)) && !dead.hasGreeted
        let mayHaveBegun = wasStarted && !saysHelloFirst
        for flight in dead.flights.all {
            if mayHaveBegun, dead.sentence == .deadline(seq: flight.seq) {
                // Worker or task may have hung; so the task ends, and the worker counts as not started.
                complete(flight.task, .pastDeadline(exit), by: worker, into: &actions)
            } else if mayHaveBegun, entries[flight.task]?.mayRepeat == false {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else {
                // Another goes first next time.
                if entries[flight.task]?.isSuspect ?? false {
                    suspects.append(flight.task)
                } else {
                    queue.append(flight.task)
                }
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
