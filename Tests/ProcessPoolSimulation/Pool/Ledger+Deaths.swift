// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

// The expected blame for a death, and the expected deadlines of workers.

extension Ledger {
    /// Notes the end of a worker, and computes the required fates of the worker's tasks.
    ///
    /// The worker has not read the last `unread` of its tasks. If `wasStarted` is false, no process could be
    /// created for the worker. If `isTorn` is true, the worker's output ended with half a line.
    mutating func willBury(
        _ life: Int,
        _ exit: WorkerExit,
        wasStarted: Bool = true,
        unread: Int = 0,
        isTorn: Bool = false,
        at now: PoolTime
    ) {
        var state = lives[life]
        // The worker may have continued after an incomplete result. So the worker may have begun all its
        // tasks.
        if isTorn, let last = state.flights.last { state.furthest = last.place }
        lives[life].isBuried = true
        lives[life].flights = []
        verdicts = [:]
        lastProgress = now
        guard !isEnding else { return }
        for flight in state.flights {
            verdicts[flight.token] = .back
            requeue(flight.token)
        }
        let neverSpoke = !state.hasSpoken && state.drained == nil
        let hadTasks = !state.flights.isEmpty
        forgetUnread(unread, of: &state, neverSpoke: neverSpoke)
        let command = commands[command(of: life)]
        if !wasStarted || (neverSpoke && isFailedStart(state, command, hadTasks: hadTasks))
            || hasGivenUp(state, exit)
        {
            let number = self.command(of: life)
            let isKnown = command.canStart || command.greets || command.seemsToGreet
            let isHopeless = !wasStarted && isHopeless && !isKnown
            if commands[number].failedStarts == 0 { commands[number].failingSince = now }
            if isHopeless {
                let limit = scenario.options.failedStartLimit
                commands[number].failedStarts = max(commands[number].failedStarts, limit)
            }
            // If several starts give no process, those within 50 ms of the first count as one.
            let isSameLack = !wasStarted && commands[number].lackedProcessAt.map { now < $0 + 50 } == true
            if !isSameLack {
                commands[number].failedStarts += 1
                if !wasStarted { commands[number].lackedProcessAt = now }
            }
            commands[number].isHopeless = isHopeless
            backOff(state, at: now)
            if wasStarted, !command.greets || state.hasGreeted {
                for flight in state.flights where flight.started != nil || !state.isTrusted {
                    forbidSecond(flight)
                }
            }
            guard hasFailedTooOften(number, at: now) else { return }
            // If no process was created, the workers that are still starting decide whether the pool ends.
            if !wasStarted, isAnyStarting(number) { return }
            let isStaffed = lives.contains { $0.hasSpoken && $0.takesWork }
            let areOthers = commands.indices.contains {
                $0 != number && (commands[$0].canStart || scenario.options.startsMachines)
                    && !hasFailedTooOften($0, at: now)
            }
            isGivingUp = !(isStaffed || areOthers) || isHopeless
            if !isGivingUp { closeCases(of: number) }
            return
        }
        let isUncertain =
            !command.canStart || (command.seemsToGreet && !command.greets && !state.hasGreeted)
        let hasLeft =
            state.stopReason == nil && (state.saidBye != nil || (exit.isClean && state.drained != nil))
        if state.stopReason == nil, !state.hasSentResult, hasLeft || state.flights.isEmpty {
            backOff(state, at: now)
        }
        if neverSpoke, isUncertain { return openCase(state, exit, at: now) }
        let isLeftAgain = hasLeft && leavesAgain(state, exit)
        if hasLeft, !(isLeftAgain && state.isConcurrent) {
            if isLeftAgain, let oldest = state.flights.first { verdicts[oldest.token] = .crashed }
            for flight in state.flights where flight.started != nil { forbidSecond(flight) }
            // A `bye` promises that the worker has sent `start` for each begun task that must not be
            // repeated. This promise counts only if a clean exit follows.
            if !exit.isClean { forbidReached(state) }
        } else if state.isConcurrent || isLoss(state, exit) {
            judgeConcurrent(state, exit)
        } else {
            judgeSequential(state, exit)
        }
    }

    /// Removes the unread tasks, which have not begun.
    ///
    /// The worker's end can count in the `departures` of its oldest task. The end counts if the worker had
    /// read no task and sent no result, and had sent its first line or was told to exit. From
    /// `failedStartLimit` departures on, this task counts as read.
    private mutating func forgetUnread(_ unread: Int, of state: inout Life, neverSpoke: Bool) {
        var untouched = Array(state.flights.suffix(unread))
        state.flights.removeLast(untouched.count)
        guard !neverSpoke, !state.hasSentResult, state.flights.isEmpty, let oldest = untouched.first else {
            return
        }
        tasks[oldest.token].departures += 1
        guard tasks[oldest.token].departures >= scenario.options.failedStartLimit else { return }
        state.flights = [untouched.removeFirst()]
    }

    private func hasFailedTooOften(_ command: Int, at now: PoolTime) -> Bool {
        let (state, options) = (commands[command], scenario.options)
        guard state.suspectedFailures >= options.failedStartLimit else { return false }
        return !state.runsCoordinators || state.isHopeless
            || now.nanoseconds - state.failingSince.nanoseconds >= options.reconnectTime.count * 1_000_000
    }

    /// Returns `true` if the worker is trusted, and its end probably has nothing to do with its tasks.
    private func isLoss(_ state: Life, _ exit: WorkerExit) -> Bool {
        guard state.isTrusted else { return false }
        if state.isCoordinator { return state.stopReason == nil || state.stopReason == .silent }
        let isFromOutside = [1, 2, 9, 15].contains(exit.signal ?? 0)
        return state.stopReason == nil && !state.isStopping && !exit.isOutOfMemory && isFromOutside
    }

    /// Returns `true` if a child coordinator has ended by itself without a result, and its exit status (2 to
    /// 4) says that it cannot work.
    private func hasGivenUp(_ state: Life, _ exit: WorkerExit) -> Bool {
        state.isCoordinator && !state.hasSentResult && state.stopReason == nil && exit.signal == nil
            && (2...4).contains(exit.status)
    }

    private func isFailedStart(_ state: Life, _ command: Command, hadTasks: Bool) -> Bool {
        if state.stopReason == .neverBegan || state.neverFits { return true }
        if state.flights.isEmpty { return hadTasks || !command.isSilent }
        return command.greets && !state.hasGreeted
    }

    /// Opens a case (`Command.open`) for the oldest task of a dead worker, if the worker had a task.
    ///
    /// If the pool ended the worker because of this task's deadline, the task must end as late instead.
    private mutating func openCase(_ state: Life, _ exit: WorkerExit, at now: PoolTime) {
        guard let first = state.flights.first else { return }
        let command = command(of: state.worker.life)
        commands[command].canStart = false
        if state.stopReason == .deadline(seq: first.seq) {
            verdicts[first.token] = .late
        } else {
            let isOutOfMemory = exit.isOutOfMemory || state.stopReason == .memory(seq: first.seq)
            let verdict = Verdict.blamed(isOutOfMemory: isOutOfMemory)
            commands[command].open.append(
                (
                    first.token, state.hasGreeted,
                    state.stopReason == .flooded ? .flooded(isFinal: false) : verdict,
                    (now - state.started) / 1_000_000
                )
            )
            tasks[first.token].isOpen = true
        }
        for flight in state.flights.dropFirst() { forbidSecond(flight) }
    }

    /// Closes the open cases of a command that has had too many failed starts.
    ///
    /// Tasks that may be repeated are queued already; the other tasks are lost.
    private mutating func closeCases(of command: Int) {
        for open in commands[command].open {
            tasks[open.token].isOpen = false
            if !scenario.tasks[open.token].mayRepeat { verdicts[open.token] = .lost }
        }
        commands[command].open = []
    }

    /// Computes the required fates of the tasks in open cases, for each command that can start.
    ///
    /// A command in doubt can start if one of its workers has lived long enough without a task. The function
    /// first notes such commands.
    mutating func willSettle(at now: PoolTime) {
        for slot in slots {
            guard let life = slot.life, isProbe(lives[life]) else { continue }
            let index = command(of: life)
            let known = commands[index].greets || commands[index].seemsToGreet
            let lived = commands[index].open.map(\.lived).max() ?? 0
            let needed = known ? .max : max(500, 2 * lived)
            let patience = PoolTime.Milliseconds(min(needed, scenario.options.startDeadline.count))
            guard commands[index].isInDoubt, lives[life].started + patience <= now else { continue }
            (commands[index].canStart, commands[index].seemsToGreet) = (true, false)
        }
        for index in commands.indices where commands[index].canStart {
            for open in commands[index].open {
                tasks[open.token].isOpen = false
                if commands[index].greets || (commands[index].seemsToGreet && isLeftSeldom(open.token)) {
                    let mayRepeat = scenario.tasks[open.token].mayRepeat
                    if open.hasGreeted, !mayRepeat { verdicts[open.token] = .lost }
                    continue
                }
                verdicts[open.token] = open.verdict
            }
            commands[index].open = []
        }
    }

    private func isAnyStarting(_ command: Int) -> Bool {
        slotsToStart.contains { $0 % commands.count == command }
            || lives.contains { isStarting($0) && self.command(of: $0.worker.life) == command }
    }

    private func isStarting(_ state: Life) -> Bool {
        !state.isBuried && !state.hasSpoken && state.drained == nil && !state.isStopping
    }

    private func isProbe(_ state: Life) -> Bool { isStarting(state) && state.flights.isEmpty }

    private mutating func isLeftSeldom(_ token: Int) -> Bool {
        tasks[token].departures += 1
        return tasks[token].departures < 3
    }

    /// Checks that each required end or retry was reported; a task that is only requeued needs no report.
    mutating func didBury() throws(Failure) {
        for (token, verdict) in verdicts where verdict != .back {
            throw Failure("task \(token) must end or be retried as \(verdict), but was not reported")
        }
        verdicts = [:]
    }

    private mutating func backOff(_ state: Life, at now: PoolTime) {
        let slot = state.worker.slot
        slots[slot].failures += 1
        let pause = min(50 << min(slots[slot].failures - 1, 10), 5_000)
        slots[slot].quietUntil = now + PoolTime.Milliseconds(pause)
    }

    /// Counts an exit against the tasks that the worker left; returns `true` if the oldest task was left too
    /// often.
    ///
    /// The exit counts only if the exit is not clean, or if the worker has sent no result. The exit of a
    /// sequential worker counts only against its oldest task.
    private mutating func leavesAgain(_ state: Life, _ exit: WorkerExit) -> Bool {
        guard !state.hasSentResult || !exit.isClean, let oldest = state.flights.first else { return false }
        for flight in state.flights where state.isConcurrent || flight.seq == oldest.seq {
            tasks[flight.token].departures += 1
        }
        return tasks[oldest.token].departures >= scenario.options.failedStartLimit
    }

    private mutating func judgeSequential(_ state: Life, _ exit: WorkerExit) {
        guard let oldest = state.flights.first else { return }
        let isOneShot =
            state.stopReason == nil && exit.isClean && !state.isStopping && state.hasSentResult
            && oldest.started == nil
        switch state.stopReason {
        case .deadline(oldest.seq): verdicts[oldest.token] = .late
        case .memory(oldest.seq): verdicts[oldest.token] = .blamed(isOutOfMemory: true)
        // The worker no longer has the task for which the pool ended the worker, so no task is blamed. An end
        // for `.neverBegan` does not occur here, because it counts as a failed start.
        case .deadline, .memory, .neverBegan: break
        case .flooded: verdicts[oldest.token] = .flooded(isFinal: false)
        case .wedged, .silent, nil:
            if isOneShot, isLeftSeldom(oldest.token) { break }
            verdicts[oldest.token] = .blamed(isOutOfMemory: exit.isOutOfMemory)
        }
        forbidReached(state)
    }

    /// Forbids a second sending of the tasks that a worker may have begun, if they must not be repeated.
    private mutating func forbidReached(_ state: Life) {
        guard state.isConcurrent else { return state.reached.forEach { forbidSecond($0) } }
        for flight in state.flights where flight.started != nil || !state.isTrusted { forbidSecond(flight) }
    }

    private mutating func judgeConcurrent(_ state: Life, _ exit: WorkerExit) {
        if case .deadline = state.stopReason {
            judgeLate(state)
            return forbidReached(state)
        }
        let end: Verdict =
            switch state.stopReason {
            case .wedged, .silent: .late
            case .flooded: .flooded(isFinal: true)
            default: .crashed
            }
        let anyStarted = state.flights.contains { $0.started != nil }
        let isLoss = isLoss(state, exit)
        for flight in state.flights {
            if !scenario.tasks[flight.token].mayRepeat, flight.started != nil || !state.isTrusted {
                let isUnsure = isLoss || state.isStopping && state.flights.count > 1
                verdicts[flight.token] = isUnsure ? .lost : end
            } else if anyStarted, flight.started == nil {
                continue
            } else if isLoss, tasks[flight.token].losses < scenario.options.lossLimit {
                tasks[flight.token].losses += 1
            } else if state.flights.count == 1, tasks[flight.token].deaths >= 2 {
                verdicts[flight.token] = end
            } else {
                tasks[flight.token].deaths += 1
            }
        }
    }

    private mutating func judgeLate(_ state: Life) {
        guard case .deadline(let seq) = state.stopReason else { return }
        if let late = state.flights.first(where: { $0.seq == seq }) { verdicts[late.token] = .late }
    }

    /// Requires that a task ends with its worker, if the task must not be repeated.
    private mutating func forbidSecond(_ flight: Life.Flight) {
        if verdicts[flight.token] == .back, !scenario.tasks[flight.token].mayRepeat {
            verdicts[flight.token] = .lost
        }
    }

    /// Returns the time at which the pool must end a worker, and the reason; `nil` if there is no such time.
    ///
    /// A worker without a task has such a time only with `PoolOptions.startsMachines`, and only while it is
    /// starting.
    func deadline(of state: Life) -> (PoolTime, Life.StopReason)? {
        guard let oldest = state.flights.first else {
            guard scenario.options.startsMachines, isStarting(state) else { return nil }
            return (state.started + scenario.options.startDeadline, .neverBegan)
        }
        let limit = scenario.options.taskDeadline
        if !state.hasSpoken { return startLimit(of: state, oldest) }
        var all: [(PoolTime, Life.StopReason)] = []
        if !state.isConcurrent, !state.isTrusted, let limit {
            all.append((state.turnedTo + limit, .deadline(seq: oldest.seq)))
        } else {
            if !state.isCoordinator {
                let wedged = max(oldest.sent, state.lastProgress) + Scenario.bound
                all.append((wedged, state.isConcurrent ? .wedged : .deadline(seq: oldest.seq)))
            }
            let started = state.flights.compactMap { flight in flight.started.map { (flight.seq, $0) } }
            if !state.isTrusted, state.isConcurrent, let limit {
                if let first = started.min(by: { $0.1 < $1.1 }) {
                    all.append((first.1 + limit, .deadline(seq: first.0)))
                }
                if !state.saysStart {
                    all.append((max(oldest.sent, state.ready) + limit, .deadline(seq: oldest.seq)))
                }
            }
        }
        if state.hasBeaten || state.beatAt.map({ $0 >= state.turnedTo }) ?? false {
            let usual: Life.StopReason = state.isConcurrent ? .wedged : .deadline(seq: oldest.seq)
            let reason = state.isCoordinator ? .silent : usual
            all.append((max(state.lastHeard, oldest.sent) + 5_000, reason))
        }
        return all.min { $0.0 < $1.0 }
    }

    /// Returns the time by which a starting worker must have sent its first line, and the reason for ending
    /// the worker at this time.
    ///
    /// If the worker may work without a `hello`, and tasks have a deadline, this deadline is added to the
    /// time for the start.
    private func startLimit(of state: Life, _ oldest: Life.Flight) -> (PoolTime, Life.StopReason) {
        let command = commands[command(of: state.worker.life)]
        let bound = scenario.options.startDeadline
        guard !command.greets, let limit = scenario.options.taskDeadline else {
            return (max(state.started, oldest.sent) + bound, .neverBegan)
        }
        let known = PoolTime.Milliseconds(max(5_000, command.slowestStart / 1_000_000 * 4))
        let allowance = command.isSilent && known.count < bound.count ? known : bound
        return (max(state.started + allowance, oldest.sent) + limit, .deadline(seq: oldest.seq))
    }
}
