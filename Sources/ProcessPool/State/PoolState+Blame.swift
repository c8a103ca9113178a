// SPDX-License-Identifier: MIT
// fetchpool

// Which task a death is blamed on, and what becomes of it and of the others that the worker had.

extension PoolState {
    /// A worker that was ended for a reason pays for that; any other death is blamed by what the worker had in hand.
    mutating func assignBlame(
        for worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        switch dead.sentence {
        case .deadline(let seq):
            if let late = dead.flights.all.first(where: { $0.seq == seq }) {
                complete(late.task, .pastDeadline(exit), by: worker, into: &actions)
            }
            release(worker, dead, exit, but: seq, into: &actions)
        case .memory(let seq) where dead.concurrency == 1:
            var exit = exit
            exit.isOutOfMemory = true
            if let culprit = dead.flights.all.first(where: { $0.seq == seq }) {
                blame(culprit.task, worker, dead, exit, at: now, into: &actions)
            }
            release(worker, dead, exit, but: seq, into: &actions)
        case .brokeProtocol where dead.concurrency == 1:
            release(worker, dead, exit, but: nil, into: &actions)
        case .memory, .brokeProtocol, .wedged, nil:
            if dead.concurrency > 1 {
                suspect(worker, dead, exit, into: &actions)
            } else if let culprit = dead.flights.oldest {
                // A sequential worker was working on its oldest unanswered task.
                blame(culprit.task, worker, dead, exit, at: now, into: &actions)
                release(worker, dead, exit, but: culprit.seq, into: &actions)
            }
        }
    }

    private mutating func blame(
        _ task: Int,
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        hasCrashed = true
        entries[task]?.crashes += 1
        guard let entry = entries[task] else { return }
        guard entry.mayRepeat, entry.crashes <= options.crashRetries else {
            return complete(task, .crashed(exit), by: worker, into: &actions)
        }
        retries.append(task)
        let inHand = now - (dead.turnedTo ?? now)
        actions.append(.triedAgain(token: entry.token, exit, worker, nanosecondsInHand: inHand))
    }

    /// Gives back at no cost what the worker had beside the culprit; what it may have begun and must not be done twice
    /// ends here.
    mutating func release(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        but culprit: Int?,
        into actions: inout [PoolAction]
    ) {
        // A sequential worker has turned to the next after the furthest it has come; what it skipped, it had begun.
        let reached = dead.next?.seq ?? .max
        var innocent: [Int] = []
        for flight in dead.flights.all where flight.seq != culprit {
            let mayHaveBegun = dead.concurrency > 1 ? mayHaveBegun(flight, on: dead) : flight.seq <= reached
            if mayHaveBegun, entries[flight.task]?.mayRepeat == false {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else {
                innocent.append(flight.task)
            }
        }
        requeue(innocent)
    }

    /// Whether a concurrent worker may have begun a task: all of them, but for workers known to say so.
    private func mayHaveBegun(_ flight: Flights.Flight, on dead: WorkerSlot) -> Bool {
        flight.started != nil || !dead.isTrusted
    }

    /// A concurrent worker accuses nobody at once: every task in hand may be the culprit, or, where `start` was said,
    /// every started one.
    ///
    /// One that was in hand at two deaths is tried alone; one that dies alone is the culprit.
    mutating func suspect(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        let wasAlone = dead.flights.count == 1
        let anyStarted = dead.flights.all.contains { $0.started != nil }
        var innocent: [Int] = []
        for flight in dead.flights.all {
            guard let entry = entries[flight.task] else { continue }
            if !entry.mayRepeat, mayHaveBegun(flight, on: dead) {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else if anyStarted, flight.started == nil {
                innocent.append(flight.task)
            } else if wasAlone, entry.isSuspect {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else {
                entries[flight.task]?.deaths += 1
                innocent.append(flight.task)
            }
        }
        requeue(innocent)
    }

    /// Puts tasks back where they came from: in front, in their order; suspects among those that are tried alone.
    mutating func requeue(_ tasks: [Int]) {
        for task in tasks where entries[task]?.isSuspect ?? false { suspects.append(task) }
        for task in tasks.reversed() where !(entries[task]?.isSuspect ?? false) { queue.prepend(task) }
    }
}
