// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

// The checks of the pool's decisions.

extension Ledger {
    mutating func sent(
        _ token: Int,
        seq: Int,
        attempt: Int,
        to life: Int,
        window: Int,
        spareRoom: Int,
        at now: PoolTime
    ) throws(Failure) {
        let state = lives[life]
        try require(
            state.hasSpoken || !commands[command(of: life)].isInDoubt,
            "life \(life) is sent task \(token) before its first line, while its command is in doubt"
        )
        try require(
            state.hasSpoken || !scenario.options.startsMachines,
            "life \(life) on another machine is sent task \(token) before its first line"
        )
        try require(tasks[token].place == .queued, "task \(token) is sent, but is \(tasks[token].place)")
        try require(
            attempt == tasks[token].crashes + 1,
            "task \(token) is at attempt \(attempt) after \(tasks[token].crashes) crashes"
        )
        try require(state.takesWork, "life \(life) is \(state.state) and is sent task \(token)")
        try require(
            // A worker may hold a few tasks beyond its window because of their affinity.
            state.flights.count < (state.hasSpoken ? window + spareRoom : 1),
            "life \(life) holds \(state.flights.count) and is sent task \(token), its window is \(window)"
        )
        if !state.isConcurrent, !state.flights.isEmpty {
            try require(
                now - state.turnedTo <= 100_000_000,
                "task \(token) is sent to wait behind a task that has lasted for more than 100 ms"
            )
        }
        if state.isConcurrent, let sent = state.flights.first?.sent {
            let since = max(sent, state.lastProgress)
            try require(
                now - since <= 100_000_000 || state.flights.count < state.crew.concurrency + spareRoom,
                "task \(token) is sent to wait behind tasks that have lasted for more than 100 ms"
            )
        }
        if state.isConcurrent {
            // A suspect may have caused two or more deaths of concurrent workers. A suspect that was also
            // blamed for the end of a sequential worker (`crashes` is not 0) is not checked here: its retry
            // may share a new worker with other tasks.
            let isSuspect = { [tasks] (token: Int) in tasks[token].deaths >= 2 && tasks[token].crashes == 0 }
            try require(
                !state.flights.contains { isSuspect($0.token) },
                "life \(life) has a suspect, which must be its only task, and is sent task \(token)"
            )
            try require(
                !isSuspect(token) || state.flights.isEmpty,
                "suspect \(token) is sent to a worker that has other tasks"
            )
        }
        try checkHome(of: token, life)
        if let limit = scenario.options.tasksPerLife {
            try require(state.given < limit, "life \(life) was given its \(limit) tasks and is sent another")
        }
        if state.flights.isEmpty { lives[life].turnedTo = now }
        lives[life].given += 1
        lives[life].flights.append(Life.Flight(seq: seq, place: lives[life].places, token: token, sent: now))
        lives[life].places += 1
        tasks[token].place = .inFlight(life: life)
        lastProgress = now
        tasks[token].awaitsRetry = false
        queuedTasks -= 1
    }

    /// Notes that a task was sent to a worker that could not be started.
    ///
    /// The pool has requeued the task, or is ending. The task no longer counts as a retry.
    mutating func sentToNobody(_ token: Int) { tasks[token].awaitsRetry = false }

    /// With `keepsAffinity`, checks that a task is sent to the worker that got the last task of the same
    /// affinity, if this worker still takes work.
    ///
    /// Suspects and retries may go to any worker. The pool reserves a worker for a suspect, and this worker
    /// gets no other task until the suspect is sent. So while a suspect has not ended, each task may go to
    /// any worker.
    private mutating func checkHome(of token: Int, _ life: Int) throws(Failure) {
        guard !tasks[token].awaitsRetry, tasks[token].deaths < 2 else { return }
        if let home = home(of: token), home != life {
            try require(
                tasks.contains { $0.place != .ended && $0.deaths >= 2 },
                "task \(token) is sent to life \(life), though life \(home) takes work and got the last task of the same affinity"
            )
        }
        settle(token, in: life)
    }

    /// Checks the confirmation of a `start`: the worker must be waiting for the confirmation.
    mutating func confirmed(_ seq: Int, to life: Int) throws(Failure) {
        try require(
            lives[life].unconfirmed.remove(seq) != nil,
            "life \(life) gets a confirmation of \(seq), but does not wait for it"
        )
    }

    /// Checks that none of the 64 newest workers waits for the confirmation of a `start`.
    func checkConfirmed() throws(Failure) {
        for state in lives.suffix(64) where !state.isBuried {
            try require(state.unconfirmed.isEmpty, "life \(state.worker.life) waits for a confirmation")
        }
    }

    /// Checks a recall: only tasks that wait behind a slow task may be recalled.
    mutating func recalled(_ life: Int, max: Int, at now: PoolTime) throws(Failure) {
        let state = lives[life]
        let inHand = state.isConcurrent ? state.crew.concurrency : 1
        try require(state.takesWork, "life \(life) is \(state.state) and is asked to return tasks")
        try require(
            max == state.flights.count - inHand && max > 0,
            "life \(life) has \(state.flights.count) tasks and is asked to return \(max)"
        )
        let since =
            state.isConcurrent
            ? state.flights.first.map { Swift.max($0.sent, state.lastProgress) } : state.turnedTo
        try require(
            since.map { now - $0 > 100_000_000 } ?? false,
            "tasks of life \(life) are recalled, though its present work has not lasted for more than 100 ms"
        )
        lives[life].mayReturn += max
    }

    /// Checks that a worker is told to exit for a valid reason, and while it has no task.
    ///
    /// The reason is valid if the worker has reached its task limit, if the pool keeps a spare and another
    /// worker has no task, or if all tasks of a drained pool have ended.
    mutating func drained(_ life: Int, at now: PoolTime) throws(Failure) {
        try require(lives[life].takesWork, "life \(life) is \(lives[life].state) and is told to exit")
        try require(lives[life].flights.isEmpty, "life \(life) is told to exit while it has tasks")
        let hadItsShare = scenario.options.tasksPerLife.map { lives[life].given >= $0 } ?? false
        let isSurplus = scenario.options.keepsSpare && idlers(but: life) > 0
        try require(
            hadItsShare || isSurplus || (isDrained && endedTasks == submittedTasks),
            "life \(life) is told to exit after \(lives[life].given) tasks, without a reason"
        )
        lives[life].drained = now
        lives[life].leaveLimit = lives[life].isCoordinator ? 8_000 : 5_000
    }

    /// Returns the number of workers, other than `life`, that take work and have no task.
    private func idlers(but life: Int) -> Int {
        slots.count { slot in
            slot.life.map { $0 != life && lives[$0].takesWork && lives[$0].flights.isEmpty } ?? false
        }
    }

    /// Checks that a worker is asked to end for a valid reason, and not too early.
    mutating func terminated(_ life: Int, at now: PoolTime) throws(Failure) {
        let state = lives[life]
        try require(
            !state.isStopping && !state.isBuried,
            "life \(life) is asked to end, but is being ended or has ended"
        )
        lives[life].terminated = now
        if isEnding { return }
        if state.stopReason == .flooded || state.isRefused { return }
        if let closed = state.outputClosed, state.drained == nil {
            return try require(
                now >= closed + 100,
                "life \(life) closed its output just now and is ended"
            )
        }
        if let leaving = state.drained ?? state.saidBye {
            return try require(
                now >= leaving + state.leaveLimit,
                "life \(life) has not had \(state.leaveLimit.count) ms to exit and is ended"
            )
        }
        guard let (due, stopReason) = deadline(of: state), due <= now else {
            throw Failure("life \(life) is ended without a reason")
        }
        lives[life].stopReason = stopReason
    }

    mutating func killed(_ life: Int, at now: PoolTime) throws(Failure) {
        try require(!lives[life].isBuried, "life \(life) is killed after its end")
        if case .memory = lives[life].stopReason, !lives[life].isStopping {
            // This kill is allowed: the worker's memory could grow until SIGTERM takes effect.
        } else if !isEnding || hasTimeToExit {
            guard let terminated = lives[life].terminated else {
                throw Failure("life \(life) is killed, but was not sent SIGTERM before")
            }
            try require(now >= terminated + 1_000, "life \(life) is killed less than a second after SIGTERM")
        }
        lives[life].isKilled = true
    }

    mutating func triedAgain(_ token: Int) throws(Failure) {
        switch verdicts[token] {
        case .blamed, .flooded(isFinal: false): break
        default: throw Failure("task \(token) is retried, but its verdict allows no retry")
        }
        try require(hasRetries(token), "task \(token) is retried, but has no retry left")
        verdicts[token] = nil
        tasks[token].crashes += 1
        // With `startsMachines`, a retry is sent like any other task.
        tasks[token].awaitsRetry = !scenario.options.startsMachines
    }

    mutating func completed(
        _ token: Int,
        _ end: TaskEnd,
        by worker: WorkerID?,
        at now: PoolTime
    )
        throws(Failure)
    {
        switch end {
        case .cancelled:
            try require(isEnding, "task \(token) is cancelled in a pool that goes on")
            if case .inFlight(let life) = tasks[token].place {
                lives[life].flights.removeAll { $0.token == token }
            }
        case .unstartable:
            try require(isEnding || isGivingUp, "task \(token) is given up in a pool that goes on")
            if case .inFlight(let life) = tasks[token].place {
                lives[life].flights.removeAll { $0.token == token }
            }
        case .brokeProtocol where verdicts[token] == .flooded(isFinal: true): break
        case .brokeProtocol where verdicts[token] == .flooded(isFinal: false):
            try require(!hasRetries(token), "task \(token) is ended, though it has retries left")
        case .brokeProtocol: try brokeProtocol(token, by: worker?.life, at: now)
        case .lost:
            try require(verdicts[token] == .lost, "task \(token) is lost, though it need not be")
        case .pastDeadline:
            try require(verdicts[token] == .late, "task \(token) is ended as late, but is not")
        case .crashed(let exit):
            switch verdicts[token] {
            case .crashed: break
            case .blamed(let isOutOfMemory):
                try require(
                    !hasRetries(token),
                    "task \(token) is ended after \(tasks[token].crashes + 1) attempts, though it has retries left"
                )
                try require(
                    exit.isOutOfMemory == isOutOfMemory,
                    "task \(token) is ended with isOutOfMemory \(exit.isOutOfMemory)"
                )
            default: throw Failure("task \(token) is ended as crashed, but must not end in this way")
            }
        }
        verdicts[token] = nil
        try self.end(token, at: now)
    }

    private mutating func brokeProtocol(_ token: Int, by life: Int?, at now: PoolTime) throws(Failure) {
        guard let life, let flight = lives[life].flights.first(where: { $0.token == token }) else {
            throw Failure("task \(token) is ended for a line of a worker that does not have it")
        }
        try require(
            spoilt.remove(token) != nil,
            "task \(token) is ended for unusable output, but none came in place of its result"
        )
        finish(flight, of: life, at: now)
    }

    private func hasRetries(_ token: Int) -> Bool {
        scenario.tasks[token].mayRepeat && tasks[token].crashes < scenario.options.crashRetries
    }
}
