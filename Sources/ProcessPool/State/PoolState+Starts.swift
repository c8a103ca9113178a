// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Handles failed starts, and deaths that may have been failed starts.

extension PoolState {
    /// Handles a worker whose start has failed (`CommandState.failedStarts`).
    ///
    /// The worker's tasks are requeued, except a task that it has certainly begun (`blame`). A task that may
    /// have begun and must not be repeated ends as lost.
    ///
    /// After too many failed starts (`hasFailedTooOften`), the pool ends, unless it can continue without the
    /// command (`mayDoWithout`). If `isHopeless` is true, the pool ends even if it could continue. But if the
    /// last start gave no process, the pool first waits for the workers of the command that are starting.
    mutating func failedStart(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        wasStarted: Bool,
        isHopeless: Bool = false,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        let command = command(of: worker.slot)
        let mayHaveBegun = wasStarted && (!commands[command].greets || dead.hasGreeted)
        var unbegun: [Int] = []
        for flight in dead.flights.all {
            // A trusted worker sends `start` before a task that must not be repeated.
            let isUnbegun = (options.startsMachines || dead.isTrusted) && flight.started == nil
            if mayHaveBegun, !isUnbegun, entries[flight.task]?.mayRepeat == false {
                complete(flight.task, .lost(exit), by: worker, into: &actions)
            } else if options.beginsInOrder, dead.hasGreeted, dead.flights.isOldest(flight.seq) {
                // The `hello` came while the pool was ending the worker.
                let inHand = now - (dead.turnedTo ?? now) + dead.lag
                blame(begun: flight, worker, dead, exit, nanosecondsInHand: inHand, into: &actions)
            } else {
                unbegun.append(flight.task)
            }
        }
        requeue(unbegun, atEnd: true)
        if commands[command].failedStarts == 0 { commands[command].failingSince = now }
        // Starts that give no process at about the same time lack the same thing, so they count as one.
        let isSameLack =
            !wasStarted && commands[command].lackedProcessAt.map { now < $0 + Self.oneLack } == true
        if !isSameLack { commands[command].failedStarts += 1 }
        if !wasStarted, !isSameLack { commands[command].lackedProcessAt = now }
        commands[command].isHopeless = isHopeless
        hasFailedStarts = true
        guard hasFailedTooOften(command, at: now) else { return }
        // If no process was started, the system may lack something for another worker, such as descriptors.
        // The workers that are starting then show whether the command can start.
        let isAnyStarting = slots.contains {
            $0.phase == .starting && self.command(of: $0.place) == command
        }
        if !wasStarted, isAnyStarting { return }
        if mayDoWithout(command, at: now), !isHopeless {
            closeCases(of: command, into: &actions)
        } else {
            end(.cannotStart(worker, exit), into: &actions)
        }
    }

    /// The time after a start that gave no process in which other such starts of the command do not count.
    ///
    /// This is the first pause of a slot after a failed start (`backOff`). So slots that start one after
    /// another do not use up the failed starts that are allowed.
    static let oneLack: PoolTime.Milliseconds = 50

    /// Returns `true` if the pool can continue without one command.
    ///
    /// The result is `true` if a worker is ready. It is also `true` if another command has shown that it can
    /// start, and has not failed too often.
    ///
    /// With `PoolOptions.startsMachines`, the other command need not have shown that it can start.
    private func mayDoWithout(_ command: Int, at now: PoolTime) -> Bool {
        slots.contains { $0.phase == .ready && $0.takesWork }
            || commands.indices.contains {
                $0 != command && (commands[$0].canStart || options.startsMachines)
                    && !hasFailedTooOften($0, at: now)
            }
    }

    /// Returns `true` if a command has had too many failed starts in a row.
    ///
    /// While the command has not shown that it can start, each open case counts as a failed start too.
    ///
    /// If the command has run child coordinators, its starts must also have failed for
    /// `PoolOptions.reconnectTime`, unless another attempt cannot help.
    private func hasFailedTooOften(_ command: Int, at now: PoolTime) -> Bool {
        let state = commands[command]
        guard state.suspectedFailures >= options.failedStartLimit else { return false }
        return !state.runsCoordinators || state.isHopeless
            || state.failingSince + options.reconnectTime <= now
    }

    /// Closes the open cases of a command that cannot start: their tasks are requeued, or end as lost if they
    /// must not be repeated.
    private mutating func closeCases(of command: Int, into actions: inout [PoolAction]) {
        let cases = commands[command].openCases
        commands[command].openCases = []
        openCases -= cases.count
        for open in cases {
            if entries[open.task]?.mayRepeat == false {
                complete(open.task, .lost(open.exit), by: open.worker, into: &actions)
            } else {
                requeue([open.task], atEnd: true)
            }
        }
    }

    /// Notes that a worker of a slot's command has shown that the command can start.
    mutating func noteSuccess(of slot: Int) {
        commands[command(of: slot)].failedStarts = 0
        hasFailedStarts = commands.contains { $0.failedStarts > 0 }
    }

    /// Handles the death of a worker that had a task and had sent no first line; its start may have failed.
    ///
    /// The decision on the oldest task waits (`judgeOpenCases`), unless this task's deadline ended the
    /// worker. `release` decides on the other tasks.
    mutating func openCase(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard let first = dead.flights.oldest else { return }
        let inHand = now - (dead.turnedTo ?? now) + dead.lag
        let command = command(of: worker.slot)
        commands[command].canStart = false
        // The deadline ended the worker, so the task has had its full time.
        if case .deadline(first.seq) = dead.stopReason {
            complete(first.task, .pastDeadline(exit), by: worker, into: &actions)
        } else {
            var exit = exit
            exit.isOutOfMemory = exit.isOutOfMemory || dead.stopReason == .memory(seq: first.seq)
            openCases += 1
            commands[command].openCases.append(
                CommandState.OpenCase(
                    task: first.task,
                    worker: worker,
                    exit: exit,
                    hasGreeted: dead.hasGreeted,
                    complaint: dead.stopReason == .flooded ? dead.garbage.complaint : nil,
                    nanosecondsInHand: inHand,
                    lived: PoolTime.Milliseconds((now - dead.startedAt) / 1_000_000)
                )
            )
        }
        release(worker, dead, exit, but: first.seq, into: &actions)
    }

    /// Decides the open cases of commands that have shown that they can start.
    mutating func judgeOpenCases(at now: PoolTime, into actions: inout [PoolAction]) {
        guard openCases > 0 else { return }
        for index in commands.indices where commands[index].canStart && !commands[index].openCases.isEmpty {
            let cases = commands[index].openCases
            commands[index].openCases = []
            openCases -= cases.count
            for open in cases {
                // If workers of this command send `hello` before they begin a task, or seem to send it, a
                // worker without `hello` had probably begun no task.
                let hasBegun = options.beginsInOrder && open.hasGreeted
                if !hasBegun,
                    commands[index].greets || (commands[index].seemsToGreet && isLeftSeldom(open.task))
                {
                    if open.hasGreeted, entries[open.task]?.mayRepeat == false {
                        complete(open.task, .lost(open.exit), by: open.worker, into: &actions)
                    } else {
                        requeue([open.task])
                    }
                } else {
                    blame(
                        open.task,
                        open.worker,
                        open.exit,
                        as: open.complaint,
                        nanosecondsInHand: open.nanosecondsInHand,
                        into: &actions
                    )
                }
            }
        }
    }

    /// Notes that a command can start, once one of its workers has lived without a task for long enough.
    mutating func noteProbes(at now: PoolTime) {
        guard openCases > 0 else { return }
        for slot in slots where isProbe(slot) {
            let command = command(of: slot.place)
            if commands[command].isInDoubt, slot.startedAt + probeTime(command) <= now {
                commands[command].canStart = true
                commands[command].seemsToGreet = false
            }
        }
    }

    private func probeTime(_ command: Int) -> PoolTime.Milliseconds {
        commands[command].probeTime(within: options.startDeadline)
    }

    /// Returns the time at which a worker without a task has shown that its command can start; `nil` if the
    /// worker tests no command.
    func probeEnd(_ slot: WorkerSlot) -> PoolTime? {
        guard openCases > 0, isProbe(slot), commands[command(of: slot.place)].isInDoubt else { return nil }
        return slot.startedAt + probeTime(command(of: slot.place))
    }

    private func isProbe(_ slot: WorkerSlot) -> Bool { slot.phase == .starting && slot.flights.isEmpty }
}
