// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Whether commands can start: what failed starts come to, and the deaths whose verdict waits for that.

extension PoolState {
    /// A worker could not be run, or ended before it can have begun a task.
    ///
    /// The tasks it was sent are not to blame, but for those that may have begun in spite of that, and may not be repeated.
    mutating func failedStart(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        wasStarted: Bool,
        isHopeless: Bool = false,
        into actions: inout [PoolAction]
    ) {
        let command = command(of: worker.slot)
        let mayHaveBegun = wasStarted && (!commands[command].greets || dead.hasGreeted)
        var unbegun: [Int] = []
        for flight in dead.flights.all {
            if mayHaveBegun, entries[flight.task]?.mayRepeat == false {
                complete(flight.task, .lost(exit), by: worker, into: &actions)
            } else {
                unbegun.append(flight.task)
            }
        }
        requeue(unbegun, atEnd: true)
        commands[command].failedStarts += 1
        hasFailedStarts = true
        guard commands[command].suspectedFailures >= options.failedStartLimit else { return }
        if mayDoWithout(command), !isHopeless || commands[command].isKnown {
            closeCases(of: command, into: &actions)
        } else {
            end(.cannotStart(worker, exit), into: &actions)
        }
    }

    /// True if the work can be done however often workers of one command cannot be started: by one that is at work, or by those
    /// of another command.
    private func mayDoWithout(_ command: Int) -> Bool {
        slots.contains { $0.phase == .ready && $0.takesWork }
            || commands.indices.contains {
                $0 != command && commands[$0].canStart
                    && commands[$0].suspectedFailures < options.failedStartLimit
            }
    }

    /// Lets others do the tasks whose verdicts wait for a start of a command that cannot start.
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

    /// Notes that a worker of a slot's command has shown that it can start.
    mutating func noteSuccess(of slot: Int) {
        commands[command(of: slot)].failedStarts = 0
        hasFailedStarts = commands.contains { $0.failedStarts > 0 }
    }

    /// A worker died with a task before its first line, and its command has not shown yet that it can start: the verdict
    /// waits until a worker without a task has shown it, or has failed to.
    mutating func openCase(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard let first = dead.flights.oldest else { return }
        let inHand = now - (dead.turnedTo ?? now)
        let command = command(of: worker.slot)
        commands[command].canStart = false
        // The time was up for the worker or for the task; the task has had all of it.
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
                    nanosecondsInHand: inHand
                )
            )
        }
        release(worker, dead, exit, but: first.seq, into: &actions)
    }

    /// Judges the deaths of commands that have shown that they can start.
    mutating func judgeOpenCases(at now: PoolTime, into actions: inout [PoolAction]) {
        guard openCases > 0 else { return }
        for index in commands.indices where commands[index].canStart && !commands[index].openCases.isEmpty {
            let cases = commands[index].openCases
            commands[index].openCases = []
            openCases -= cases.count
            // The workers of the command may be given tasks now, which were to be asked for before this.
            settlesAt = now
            for open in cases {
                // Workers that say hello before they begin had not begun, unless this one had said it.
                if commands[index].greets || (commands[index].seemsToGreet && isLeftSeldom(open.task)) {
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

    /// A worker that lives on without a task has started.
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

    /// The time for which a worker without a task must live to show that its command can start; one that should say hello does so.
    private func probeTime(_ command: Int) -> PoolTime.Milliseconds {
        commands[command].seemsToGreet || commands[command].greets
            ? options.startDeadline : CommandState.probeTime
    }

    /// The time at which a worker that was started without a task will have shown that it can start.
    func probeEnd(_ slot: WorkerSlot) -> PoolTime? {
        guard openCases > 0, isProbe(slot), commands[command(of: slot.place)].isInDoubt else { return nil }
        return slot.startedAt + probeTime(command(of: slot.place))
    }

    private func isProbe(_ slot: WorkerSlot) -> Bool { slot.phase == .starting && slot.flights.isEmpty }
}
