// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

// The lines that workers send, and other observations of workers.

extension Ledger {
    /// Notes a line other than a result; the worker has not read the last `unread` of its tasks.
    mutating func read(_ line: Line, from life: Int, unread: Int, at now: PoolTime) {
        switch line {
        case .otherVersion:
            let isItsOwn = unread >= lives[life].flights.count
            if !lives[life].isStopping, isItsOwn || !commands[command(of: life)].canStart {
                lives[life].neverFits = isItsOwn && isStarting(life)
                lives[life].isRefused = true
            }
            return
        case .echo where isStarting(life):
            (lives[life].isRefused, lives[life].neverFits) = (true, true)
            return
        case .part:
            // A part of a line shows that a child coordinator is not silent. From other workers, such a part
            // does not count.
            if lives[life].isCoordinator { lives[life].lastHeard = now }
            return
        case .stray, .flood, .spoilt, .nameless, .echo: return readGarbage(line, from: life, at: now)
        default: break
        }
        let isCoordinator = line == .hello && lives[life].crew.isCoordinator && counts(life, unread: unread)
        hear(life, isCoordinator: isCoordinator, at: now)
        switch line {
        case .hello: greet(life, unread: unread)
        case .beat(let isHeld):
            if unread >= lives[life].flights.count || lives[life].isConcurrent {
                lives[life].hasBeaten = true
            }
            lives[life].beatAt = now
            if isHeld, lives[life].isTrusted, scenario.options.respectsFullSpool {
                lives[life].lastProgress = now
            }
        case .bye:
            guard lives[life].saidBye == nil else { return }
            lives[life].saidBye = now
            if lives[life].drained == nil, lives[life].isCoordinator { lives[life].leaveLimit = 8_000 }
        case .start(let seq):
            guard let index = lives[life].flights.firstIndex(where: { $0.seq == seq }) else { return }
            lives[life].saysStart = true
            let state = lives[life]
            if scenario.options.workersAreRemote, state.isTrusted, !state.isStopping,
                state.flights[index].started == nil
            {
                lives[life].unconfirmed.insert(seq)
            }
            lives[life].flights[index].started = state.flights[index].started ?? now
            lives[life].furthest = max(lives[life].furthest, lives[life].flights[index].place - 1)
        case .returned(let seq): takeBack(seq, from: life, at: now)
        default: break
        }
    }

    private func isStarting(_ life: Int) -> Bool {
        !lives[life].hasSpoken && !lives[life].isStopping && lives[life].drained == nil
    }

    /// Handles a `hello`.
    ///
    /// At most one `hello` of a worker counts. A `hello` counts if the worker had read no task. Otherwise the
    /// `hello` counts only if the worker has sent no result, and no worker of the command has worked without
    /// a `hello`.
    private mutating func greet(_ life: Int, unread: Int) {
        guard counts(life, unread: unread) else { return }
        let command = command(of: life)
        let isItsOwn = unread >= lives[life].flights.count
        lives[life].hasGreeted = true
        if isItsOwn { commands[command].greets = true } else { commands[command].seemsToGreet = true }
        lives[life].isConcurrent = lives[life].crew.concurrency > 1
        lives[life].isTrusted = lives[life].crew.isTrusted
        lives[life].isCoordinator = lives[life].crew.isCoordinator
        lives[life].hasBeaten = lives[life].isTrusted
    }

    /// Returns `true` if a `hello` counts (`greet`).
    private func counts(_ life: Int, unread: Int) -> Bool {
        let isItsOwn = unread >= lives[life].flights.count
        let isLikely = !lives[life].hasSentResult && !commands[command(of: life)].isSilent
        return (isItsOwn || isLikely) && !lives[life].hasGreeted
    }

    /// Handles a line: the worker's first line ends its start, unless the pool has already told the worker to
    /// exit or is ending the worker.
    ///
    /// The `hello` of a child coordinator does not change `failedStarts`.
    private mutating func hear(_ life: Int, isCoordinator: Bool = false, at now: PoolTime) {
        lives[life].lastHeard = now
        guard isStarting(life) else { return }
        lives[life].hasSpoken = true
        (lives[life].turnedTo, lives[life].ready) = (now, now)
        commands[command(of: life)].canStart = true
        if !isCoordinator { commands[command(of: life)].failedStarts = 0 }
    }

    private mutating func noteSilence(_ life: Int, at now: PoolTime) {
        let command = command(of: life)
        commands[command].isSilent = true
        commands[command].slowestStart = max(commands[command].slowestStart, now - lives[life].started)
    }

    /// Notes which task must end because of an unusable line.
    ///
    /// A line that ends no task is counted, unless the pool is ending the worker.
    private mutating func readGarbage(_ line: Line, from life: Int, at now: PoolTime) {
        var seq: Int?
        var isResultLike = false
        switch line {
        case .spoilt(let number): (seq, isResultLike) = (number, true)
        case .nameless: isResultLike = true
        default: break
        }
        let flights = lives[life].flights
        let named = flights.first { $0.seq == seq }
        if let named, !lives[life].isStopping, !lives[life].isOrdered || named.seq == flights.first?.seq {
            if isStarting(life) { noteSilence(life, at: now) }
            hear(life, at: now)
            spoilt.insert(named.token)
            return
        }
        if isResultLike,
            let next = flights.first(where: { [furthest = lives[life].furthest] in
                $0.place > furthest
            })
        {
            // The line was meant as a result. So the worker may have finished the task `next`, or the task
            // that the line names.
            lives[life].furthest = max(next.place, named?.place ?? 0)
        }
        guard !lives[life].isStopping else { return }
        lives[life].garbage += 1
        lives[life].garbageBytes += line.bytes
        if lives[life].garbageBytes > 64 << 20 { lives[life].stopReason = .flooded }
    }

    /// Notes the tasks that must end because their worker sent a later task's result after unusable lines.
    mutating func expectSkipped(to seq: Int, by life: Int) {
        let state = lives[life]
        guard state.isOrdered, !state.isStopping, !state.isBuried, state.garbage > 0,
            let target = state.flights.firstIndex(where: { $0.seq == seq })
        else { return }
        for flight in state.flights[..<target] { spoilt.insert(flight.token) }
    }

    private mutating func takeBack(_ seq: Int, from life: Int, at now: PoolTime) {
        let wasOldest = lives[life].flights.first?.seq == seq
        guard lives[life].mayReturn > 0, let flight = lives[life].remove(seq) else { return }
        lives[life].mayReturn -= 1
        if wasOldest { lives[life].turnedTo = now }
        lives[life].given -= 1
        requeue(flight.token)
    }

    /// Notes a result, and checks that the pool handled it correctly.
    ///
    /// If results must come in the order of the tasks (`Life.isOrdered`), the pool must accept only the
    /// result of the worker's oldest task. Otherwise the pool must accept the result of each task that the
    /// worker has.
    mutating func noteResult(_ seq: Int, by life: Int, taken token: Int?, at now: PoolTime) throws(Failure) {
        let isFirstLine = isStarting(life)
        hear(life, at: now)
        let isOldest = lives[life].flights.first?.seq == seq
        let flight = !lives[life].isOrdered || isOldest ? lives[life].flights.first { $0.seq == seq } : nil
        try require(
            token == flight?.token,
            "result \(seq) of life \(life) was accepted for \(text(token)), not for \(text(flight?.token))"
        )
        guard let flight else {
            // The pool ignores the result, but the worker may have finished the task.
            let passed = lives[life].flights.first { $0.seq == seq }
            lives[life].furthest = max(lives[life].furthest, passed?.place ?? -1)
            return
        }
        if isFirstLine { noteSilence(life, at: now) }
        finish(flight, of: life, at: now)
        try end(flight.token, at: now)
    }

    /// Notes that a worker has finished a task, with a usable or an unusable result.
    mutating func finish(_ flight: Life.Flight, of life: Int, at now: PoolTime) {
        if lives[life].flights.first?.seq == flight.seq { lives[life].turnedTo = now }
        _ = lives[life].remove(flight.seq)
        lives[life].hasSentResult = true
        (lives[life].garbage, lives[life].garbageBytes) = (0, 0)
        lives[life].furthest = max(lives[life].furthest, flight.place)
        lives[life].lastProgress = now
        slots[lives[life].worker.slot].failures = 0
        if lives[life].isCoordinator { commands[command(of: life)].runsCoordinators = true }
        commands[command(of: life)].failedStarts = 0
    }

    mutating func closedOutput(_ life: Int, at now: PoolTime) {
        if lives[life].outputClosed == nil { lives[life].outputClosed = now }
    }

    /// Notes that the pool was told of a worker with too much memory.
    mutating func outgrew(_ life: Int) {
        guard !lives[life].isStopping, let oldest = lives[life].flights.first else { return }
        lives[life].stopReason = .memory(seq: oldest.seq)
    }

    private func text(_ token: Int?) -> String { token.map { "task \($0)" } ?? "no task" }
}
