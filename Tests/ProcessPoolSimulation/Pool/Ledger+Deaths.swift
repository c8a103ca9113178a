// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

// Whom a death is blamed on, and when a worker is due to be ended.

extension Ledger {
    /// Notes that a worker has ended, and reckons what must become of its tasks.
    mutating func willBury(_ life: Int, _ exit: WorkerExit, wasStarted: Bool = true, at now: PoolTime) {
        let state = lives[life]
        lives[life].isBuried = true
        lives[life].flights = []
        verdicts = [:]
        lastProgress = now
        guard !isEnding else { return }
        for flight in state.flights {
            verdicts[flight.token] = .back
            requeue(flight.token)
        }
        let isUnheard = !state.hasSpoken && state.drained == nil
        if isUnheard, !wasStarted || !silentCommands.contains(command(of: life)) {
            failedStartsInRow += 1
            backOff(state, at: now)
            if wasStarted { judgeFailedStart(state) }
            return
        }
        let hasLeft =
            state.sentence == nil && (state.saidBye != nil || (exit.isClean && state.drained != nil))
        if state.sentence == nil, !state.hasAnswered, hasLeft || state.flights.isEmpty {
            backOff(state, at: now)
        }
        let isLeftAgain = hasLeft && leavesAgain(state)
        if hasLeft, !(isLeftAgain && state.isConcurrent) {
            if isLeftAgain, let oldest = state.flights.first { verdicts[oldest.token] = .crashed }
            for flight in state.flights where flight.started != nil { forbidSecond(flight) }
            // A bye that no clean end follows vouches for nothing.
            if !exit.isClean { forbidReached(state) }
        } else if state.isConcurrent {
            judgeConcurrent(state)
        } else {
            judgeSequential(state, exit)
        }
    }

    /// Checks that each verdict was carried out: what goes back is queued, the others have been heard of.
    mutating func didBury() throws(Failure) {
        for (token, verdict) in verdicts where verdict != .back {
            throw Failure("task \(token) should have ended or be tried again, being \(verdict)")
        }
        verdicts = [:]
    }

    private mutating func backOff(_ state: Life, at now: PoolTime) {
        let slot = state.worker.slot
        slots[slot].failures += 1
        let pause = min(50 << min(slots[slot].failures - 1, 10), 5_000)
        slots[slot].quietUntil = now + PoolTime.Milliseconds(pause)
    }

    /// Nobody knows whether a worker that never spoke began its task, unless its like are known to say hello first.
    private mutating func judgeFailedStart(_ state: Life) {
        let isKnown = greetingCommands.contains(state.worker.slot % scenario.options.commands)
        guard !isKnown || state.hasGreeted else { return }
        judgeLate(state)
        for flight in state.flights { forbidSecond(flight) }
    }

    /// Whether so many have left over this task, having done nothing, that it is taken for a death.
    private mutating func leavesAgain(_ state: Life) -> Bool {
        guard !state.hasAnswered, let oldest = state.flights.first else { return false }
        for flight in state.flights where state.isConcurrent || flight.seq == oldest.seq {
            tasks[flight.token].departures += 1
        }
        return tasks[oldest.token].departures >= scenario.options.failedStartLimit
    }

    private mutating func judgeSequential(_ state: Life, _ exit: WorkerExit) {
        guard let oldest = state.flights.first else { return }
        switch state.sentence {
        case .deadline(oldest.seq): verdicts[oldest.token] = .late
        case .memory(oldest.seq): verdicts[oldest.token] = .blamed(isOutOfMemory: true)
        // The culprit's answer was found, or it has ended already; so the worker has turned to another.
        case .deadline, .memory, .brokeProtocol: break
        case .wedged, nil: verdicts[oldest.token] = .blamed(isOutOfMemory: exit.isOutOfMemory)
        }
        forbidReached(state)
    }

    /// What a worker may have begun is not begun again, where it must not be.
    private mutating func forbidReached(_ state: Life) {
        guard state.isConcurrent else { return state.reached.forEach { forbidSecond($0) } }
        for flight in state.flights where flight.started != nil || !state.isTrusted { forbidSecond(flight) }
    }

    private mutating func judgeConcurrent(_ state: Life) {
        forbidReached(state)
        if case .deadline = state.sentence { return judgeLate(state) }
        let anyStarted = state.flights.contains { $0.started != nil }
        for flight in state.flights where verdicts[flight.token] == .back {
            if anyStarted, flight.started == nil { continue }
            if state.flights.count == 1, tasks[flight.token].deaths >= 2 {
                verdicts[flight.token] = .crashed
            } else {
                tasks[flight.token].deaths += 1
            }
        }
    }

    private mutating func judgeLate(_ state: Life) {
        guard case .deadline(let seq) = state.sentence else { return }
        if let late = state.flights.first(where: { $0.seq == seq }) { verdicts[late.token] = .late }
    }

    /// What may have begun and may not be done twice ends with its worker.
    private mutating func forbidSecond(_ flight: Life.Flight) {
        if verdicts[flight.token] == .back, !scenario.tasks[flight.token].mayRepeat {
            verdicts[flight.token] = .crashed
        }
    }

    /// When a worker's time is up, and for what.
    func deadline(of state: Life) -> (PoolTime, Life.Sentence)? {
        guard let oldest = state.flights.first else { return nil }
        var all: [(PoolTime, Life.Sentence)] = []
        let limit = scenario.options.taskDeadline
        if !state.isConcurrent, !state.isTrusted, let limit {
            all.append((state.turnedTo + limit + (state.hasSpoken ? 0 : 5_000), .deadline(seq: oldest.seq)))
        } else {
            all.append((max(oldest.sent, state.lastProgress) + Scenario.bound, .wedged))
            let started = state.flights.compactMap { flight in flight.started.map { (flight.seq, $0) } }
            if !state.isTrusted, let limit, let first = started.min(by: { $0.1 < $1.1 }) {
                all.append((first.1 + limit, .deadline(seq: first.0)))
            }
        }
        if state.hasBeaten {
            all.append(
                (
                    max(state.lastHeard, oldest.sent) + 5_000,
                    state.isConcurrent ? .wedged : .deadline(seq: oldest.seq)
                )
            )
        }
        return all.min { $0.0 < $1.0 }
    }
}
