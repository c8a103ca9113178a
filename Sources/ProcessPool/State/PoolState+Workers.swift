// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

// Handles the messages of workers, and ends workers.

extension PoolState {
    mutating func greet(_ worker: WorkerID, _ hello: Hello, unread: Int, at now: PoolTime) {
        guard isCurrent(worker) else { return }
        let command = command(of: worker.slot)
        let isItsOwn = cannotBeForged(by: worker, unread: unread)
        // Page content may have forged the `hello` of a worker that has read a task. But some workers send
        // `hello` only after they have read `init`, and may read their first task together with `init`. So a
        // `hello` before the first result still counts, unless workers of this command work without a
        // `hello`.
        let isLikely = !slots[worker.slot].hasSentResult && !commands[command].isSilent
        let isTrusted = hello.name.map(options.trustedNames.contains) ?? false
        let counts = (isItsOwn || isLikely) && !slots[worker.slot].hasGreeted
        let isCoordinator = counts && isTrusted && hello.name == Self.coordinatorName
        guard spoke(worker, isCoordinator: isCoordinator, at: now), counts else { return }
        slots[worker.slot].hasGreeted = true
        if isItsOwn { commands[command].greets = true } else { commands[command].seemsToGreet = true }
        slots[worker.slot].concurrency = min(hello.concurrency, options.mostConcurrency)
        slots[worker.slot].isTrusted = isTrusted
        slots[worker.slot].isCoordinator = isCoordinator
        // A worker that hangs before its first beat counts as silent too.
        slots[worker.slot].hasBeaten = slots[worker.slot].isTrusted || options.beginsInOrder
    }

    /// Returns `true` for a trusted worker that the pool is not ending.
    ///
    /// With `PoolOptions.workersAreRemote`, such a worker must get a beat each second.
    package func expectsBeats(_ worker: WorkerID) -> Bool {
        isCurrent(worker) && slots[worker.slot].isTrusted && !slots[worker.slot].isStopping
    }

    /// The name that a coordinator gives itself in its `hello`.
    static let coordinatorName = "fetchpool"

    /// Returns `true` if a worker has read none of its tasks, so that the page content of a task cannot have
    /// forged the worker's line.
    private func cannotBeForged(by worker: WorkerID, unread: Int) -> Bool {
        unread >= slots[worker.slot].flights.count
    }

    /// Returns `true` if a worker has sent no `hello`, and has read none of its tasks.
    package func awaitsHello(of worker: WorkerID, unread: Int) -> Bool {
        isCurrent(worker) && !slots[worker.slot].hasGreeted && cannotBeForged(by: worker, unread: unread)
    }

    /// Notes that a worker sent a line; returns `false` if the worker is no longer in its slot.
    ///
    /// The first line of a child coordinator does not reset the count of failed starts: the child may send
    /// `hello` before it knows that its own workers start (`hasGivenUp`). The child's first result resets the
    /// count.
    mutating func spoke(_ worker: WorkerID, isCoordinator: Bool = false, at now: PoolTime) -> Bool {
        guard isCurrent(worker) else { return false }
        slots[worker.slot].lastHeard = now
        if slots[worker.slot].phase == .starting {
            slots[worker.slot].phase = .ready
            slots[worker.slot].readyAt = now
            let isIdle = slots[worker.slot].flights.isEmpty
            slots[worker.slot].times.begin(isIdle ? .waiting : .working, at: now)
            // The tasks sent earlier had to wait for the worker's start.
            if !isIdle { (slots[worker.slot].turnedTo, slots[worker.slot].lag) = (now, lag(at: now)) }
            commands[command(of: worker.slot)].canStart = true
            if hasFailedStarts, !isCoordinator { noteSuccess(of: worker.slot) }
        }
        return true
    }

    /// Notes that bytes of an incomplete line have come, so that the worker does not count as silent.
    ///
    /// A long result can take many seconds on a slow connection, or while many workers send such results. The
    /// beats wait behind the result. The length limit of lines bounds this time. The bytes count only for a
    /// child coordinator or with `PoolOptions.beginsInOrder`, because a task of any other worker may have
    /// printed them.
    mutating func heardPart(of worker: WorkerID, at now: PoolTime) {
        guard isCurrent(worker), slots[worker.slot].isCoordinator || options.beginsInOrder else { return }
        slots[worker.slot].lastHeard = now
    }

    /// Notes that a worker's first line was a result, usable or not.
    mutating func noteSilence(of worker: WorkerID, at now: PoolTime) {
        let command = command(of: worker.slot)
        let start = now - slots[worker.slot].startedAt
        commands[command].isSilent = true
        commands[command].slowestStart = max(commands[command].slowestStart, start)
    }

    mutating func beat(_ worker: WorkerID, isHeld: Bool, unread: Int, at now: PoolTime) {
        guard spoke(worker, at: now) else { return }
        // Page content may have forged the beat of a sequential worker that has read a task.
        if unread >= slots[worker.slot].flights.count || slots[worker.slot].concurrency > 1 {
            slots[worker.slot].hasBeaten = true
        }
        slots[worker.slot].beatAt = now
        if isHeld, options.respectsFullSpool, slots[worker.slot].isTrusted {
            slots[worker.slot].lastProgress = now
        }
    }

    /// Notes that a worker begins a task.
    ///
    /// With `PoolOptions.workersAreRemote`, a trusted worker waits for a confirmation before it begins a task
    /// that must not be repeated. A worker that the pool is ending gets no confirmation, so that the worker
    /// begins no more such tasks.
    mutating func start(
        _ seq: Int,
        by worker: WorkerID,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard spoke(worker, at: now), let flight = slots[worker.slot].flights.flight(seq) else { return }
        let slot = slots[worker.slot]
        if options.workersAreRemote, slot.isTrusted, !slot.isStopping, flight.started == nil {
            actions.append(.confirm(worker, seq: seq))
        }
        _ = slots[worker.slot].flights.start(seq: seq, at: now)
        slots[worker.slot].saysStart = true
        slots[worker.slot].furthest = max(slots[worker.slot].furthest, flight.ordinal - 1)
    }

    mutating func takeBack(_ seq: Int, from worker: WorkerID, at now: PoolTime) {
        guard spoke(worker, at: now), slots[worker.slot].mayReturn > 0,
            let flight = removeFlight(seq, from: worker.slot, results: 0, at: now)
        else { return noteGivenUp(seq, by: worker) }
        slots[worker.slot].mayReturn -= 1
        slots[worker.slot].given -= 1
        requeue([flight.task])
    }

    /// Notes that a worker has sent `bye`: the worker gets no more tasks, and is ended if it does not exit in
    /// time (`leaveLimit`).
    mutating func leave(_ worker: WorkerID, at now: PoolTime) {
        guard spoke(worker, at: now) else { return }
        slots[worker.slot].hasSaidBye = true
        guard slots[worker.slot].closesAt == nil else { return }
        slots[worker.slot].closesAt = now + Self.leaveLimit(slots[worker.slot])
    }

    /// Sends SIGKILL to a worker that holds too much memory.
    ///
    /// SIGTERM is not sent first, because the memory could grow until the worker exits.
    mutating func outgrew(_ worker: WorkerID, at now: PoolTime, into actions: inout [PoolAction]) {
        guard isCurrent(worker), !slots[worker.slot].isStopping else { return }
        if let oldest = slots[worker.slot].flights.oldest {
            slots[worker.slot].stopReason = .memory(seq: oldest.seq)
        }
        slots[worker.slot].wasStarting = slots[worker.slot].phase == .starting
        slots[worker.slot].phase = .stopping(killAt: nil)
        actions.append(.kill(worker))
    }

    /// Notes whether too many bytes wait to be sent to a worker; while too many wait, the worker gets no
    /// tasks.
    package mutating func note(isStuffed: Bool, _ worker: WorkerID) {
        if isCurrent(worker) { slots[worker.slot].isStuffed = isStuffed }
    }

    /// Ends a worker whose `hello` shows that the pool cannot use the worker (`PoolEvent.refused`).
    ///
    /// The `hello` is ignored if the worker has read a task and its command can start, because page content
    /// has probably forged the `hello`.
    mutating func refuse(
        _ worker: WorkerID,
        unread: Int,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker), !slots[worker.slot].isStopping else { return }
        let isItsOwn = cannotBeForged(by: worker, unread: unread)
        guard isItsOwn || !commands[command(of: worker.slot)].canStart else { return }
        slots[worker.slot].isRefused = isItsOwn && slots[worker.slot].phase == .starting
        stop(worker, at: now, into: &actions)
    }

    /// Ends a starting worker that echoes its input, because its program does not speak the protocol.
    ///
    /// A later echo is handled like any other unusable line.
    mutating func echoed(
        _ line: UnusableLine,
        by worker: WorkerID,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker), slots[worker.slot].phase == .starting else {
            return takeGarbage(line, from: worker, at: now, into: &actions)
        }
        slots[worker.slot].isRefused = true
        stop(worker, at: now, into: &actions)
    }

    /// Gives a worker 100 ms to exit after it has closed its output.
    ///
    /// A worker that is draining or being ended keeps its own limit.
    mutating func outputClosed(_ worker: WorkerID, at now: PoolTime, into actions: inout [PoolAction]) {
        guard isCurrent(worker) else { return }
        if slots[worker.slot].isStopping || slots[worker.slot].phase == .draining { return }
        // An exiting worker closes its output a moment before its end.
        slots[worker.slot].closesAt = now + 100
    }

    mutating func stop(_ worker: WorkerID, at now: PoolTime, into actions: inout [PoolAction]) {
        if case .stopping = slots[worker.slot].phase { return }
        slots[worker.slot].wasStarting = slots[worker.slot].phase == .starting
        slots[worker.slot].phase = .stopping(killAt: now + options.killDelay)
        actions.append(.terminate(worker))
    }
}
