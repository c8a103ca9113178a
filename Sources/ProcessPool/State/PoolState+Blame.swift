// SPDX-License-Identifier: MIT
// fetchpool

import Platform

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
        let inHand = now - (dead.turnedTo ?? now)
        switch dead.stopReason {
        case .deadline(let seq):
            if let late = dead.flights.flight(seq) {
                complete(late.task, .pastDeadline(exit), by: worker, into: &actions)
            }
            release(worker, dead, exit, but: seq, into: &actions)
        case .memory(let seq) where dead.concurrency == 1:
            var exit = exit
            exit.isOutOfMemory = true
            if let culprit = dead.flights.flight(seq) {
                blame(culprit.task, worker, exit, nanosecondsInHand: inHand, into: &actions)
            }
            release(worker, dead, exit, but: seq, into: &actions)
        case .neverBegan: release(worker, dead, exit, but: nil, into: &actions)
        case .memory, .flooded, .wedged, nil:
            if dead.concurrency > 1 {
                var exit = exit
                // Of many nobody knows which it was.
                if case .memory = dead.stopReason, dead.flights.count == 1 { exit.isOutOfMemory = true }
                suspect(worker, dead, exit, into: &actions)
            } else if isOneShot(dead, exit), dead.flights.oldest.map({ isLeftSeldom($0.task) }) ?? true {
                release(worker, dead, exit, but: nil, into: &actions)
            } else if let culprit = dead.flights.oldest {
                // A sequential worker was working on its oldest unanswered task.
                blame(
                    culprit.task,
                    worker,
                    exit,
                    as: dead.stopReason == .flooded ? dead.garbage.complaint : nil,
                    nanosecondsInHand: inHand,
                    into: &actions
                )
                release(worker, dead, exit, but: culprit.seq, into: &actions)
            }
        }
    }

    /// True for a worker that exited as if all were well after it had answered: most likely it does a few tasks and leaves, and
    /// has not turned to the next.
    ///
    /// If the next did it, it will do so again as the first task of another worker, and is blamed then.
    private func isOneShot(_ dead: WorkerSlot, _ exit: WorkerExit) -> Bool {
        dead.stopReason == nil && exit.isClean && !exit.wasStopped && dead.hasAnswered
            && dead.flights.oldest?.started == nil
    }

    /// Counts how often a task was left by a worker that may have had no part in it; after some times that is no chance.
    mutating func isLeftSeldom(_ task: Int) -> Bool {
        entries[task]?.timesLeft += 1
        return entries[task].map { $0.timesLeft < 3 } ?? true
    }

    /// Holds a task to blame for a death: it is tried once more on a fresh worker, or ends, with `complaint` in its record if
    /// there is one.
    mutating func blame(
        _ task: Int,
        _ worker: WorkerID,
        _ exit: WorkerExit,
        as complaint: String? = nil,
        nanosecondsInHand: Int,
        into actions: inout [PoolAction]
    ) {
        hasCrashed = true
        entries[task]?.crashes += 1
        guard let entry = entries[task] else { return }
        guard entry.mayRepeat, entry.crashes <= options.crashRetries else {
            return complete(
                task,
                complaint.map { .brokeProtocol($0) } ?? .crashed(exit),
                by: worker,
                into: &actions
            )
        }
        retries.append(task)
        actions.append(
            .triedAgain(token: entry.token, exit, worker, nanosecondsInHand: nanosecondsInHand)
        )
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
        let reached = dead.next?.ordinal ?? .max
        var innocent: [Int] = []
        for flight in dead.flights.all where flight.seq != culprit {
            let mayHaveBegun =
                dead.concurrency > 1 ? mayHaveBegun(flight, on: dead) : flight.ordinal <= reached
            if mayHaveBegun, entries[flight.task]?.mayRepeat == false {
                complete(flight.task, .lost(exit), by: worker, into: &actions)
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
        // A signal of ours is no crash of a task.
        let end: TaskEnd =
            switch dead.stopReason {
            case .wedged: .pastDeadline(exit)
            case .flooded: .brokeProtocol(dead.garbage.complaint)
            default: .crashed(exit)
            }
        let wasAlone = dead.flights.count == 1
        let anyStarted = dead.flights.all.contains { $0.started != nil }
        var innocent: [Int] = []
        for flight in dead.flights.all {
            guard let entry = entries[flight.task] else { continue }
            if !entry.mayRepeat, mayHaveBegun(flight, on: dead) {
                let isSure = wasAlone || !exit.wasStopped
                complete(flight.task, isSure ? end : .lost(exit), by: worker, into: &actions)
            } else if anyStarted, flight.started == nil {
                innocent.append(flight.task)
            } else if wasAlone, entry.isSuspect {
                complete(flight.task, end, by: worker, into: &actions)
            } else {
                entries[flight.task]?.deaths += 1
                innocent.append(flight.task)
            }
        }
        requeue(innocent)
    }

    /// Puts tasks back where they came from: in front, in their order, or at the end; suspects among those that are tried
    /// alone.
    mutating func requeue(_ tasks: [Int], atEnd: Bool = false) {
        for task in tasks where entries[task]?.isSuspect ?? false { suspects.append(task) }
        guard !atEnd else {
            for task in tasks where !(entries[task]?.isSuspect ?? false) { queue.append(task) }
            return
        }
        for task in tasks.reversed() where !(entries[task]?.isSuspect ?? false) { queue.prepend(task) }
    }
}
