// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

// The blame for a death, and the decision on all tasks that the dead worker had.

extension PoolState {
    /// Decides which task of a dead worker is blamed, and requeues, retries or ends each of the worker's
    /// tasks.
    mutating func assignBlame(
        for worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        let inHand = now - (dead.turnedTo ?? now) + dead.lag
        if let begun = begunTask(of: dead) {
            blame(begun: begun, worker, dead, exit, nanosecondsInHand: inHand, into: &actions)
            return release(worker, dead, exit, but: begun.seq, into: &actions)
        }
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
        case .cancelled(let seq):
            if let given = dead.flights.flight(seq) {
                complete(given.task, .cancelled, by: worker, into: &actions)
            }
            release(worker, dead, exit, but: seq, into: &actions)
        case .memory, .flooded, .wedged, .silent, nil:
            if dead.concurrency > 1 || isLoss(dead, exit) {
                var exit = exit
                // With several tasks, it is not known which task used the memory.
                if case .memory = dead.stopReason, dead.hadOneTask { exit.isOutOfMemory = true }
                suspect(worker, dead, exit, into: &actions)
            } else if isOneShot(dead, exit), dead.flights.oldest.map({ isLeftSeldom($0.task) }) ?? true {
                release(worker, dead, exit, but: nil, into: &actions)
            } else if let culprit = dead.flights.oldest {
                // A sequential worker probably works on its oldest task.
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

    /// Returns the task that a worker has begun although the pool was ending the worker because of an earlier
    /// task; `nil` if no task is known to have begun.
    ///
    /// Before its end, the worker had sent the earlier task's result, or had returned the earlier task. A
    /// worker that begins its tasks in order had then begun its next task.
    private func begunTask(of dead: WorkerSlot) -> Flights.Flight? {
        guard options.beginsInOrder else { return nil }
        switch dead.stopReason {
        case .deadline(let seq), .memory(let seq), .cancelled(let seq):
            return dead.flights.flight(seq) == nil ? dead.flights.oldest : nil
        case .flooded, .wedged, .silent, .neverBegan, nil: return nil
        }
    }

    /// Handles a task that has begun although the pool was ending its worker for another reason.
    ///
    /// The task is innocent, but no task may begin more often than `PoolOptions.crashRetries` allows. So the
    /// task is blamed for the death. If the task was cancelled, it ends as cancelled, and no task is blamed.
    mutating func blame(
        begun flight: Flights.Flight,
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        nanosecondsInHand: Int,
        into actions: inout [PoolAction]
    ) {
        guard entries[flight.task]?.isCancelled == false else {
            return complete(flight.task, .cancelled, by: worker, into: &actions)
        }
        var exit = exit
        switch dead.stopReason {
        case .deadline:
            exit.errorTail.append(
                "the pool ended the worker: an earlier task took too long, or the worker was silent"
            )
        case .cancelled: exit.errorTail.append("the pool ended the worker: an earlier task was cancelled")
        case .neverBegan: exit.errorTail.append("the pool ended the worker: its start took too long")
        case .memory:
            exit.isOutOfMemory = true
            exit.errorTail.append("the pool ended the worker: it held too much memory during an earlier task")
        case .flooded, .wedged, .silent, nil: break
        }
        blame(flight.task, worker, exit, nanosecondsInHand: nanosecondsInHand, into: &actions)
    }

    /// Returns `true` if a sequential worker's program probably does a few tasks and then exits.
    ///
    /// The worker has probably not begun its oldest task, so this task is not blamed at first
    /// (`isLeftSeldom`).
    private func isOneShot(_ dead: WorkerSlot, _ exit: WorkerExit) -> Bool {
        !options.beginsInOrder && dead.stopReason == nil && exit.isClean && !exit.wasStopped
            && dead.hasSentResult
            && dead.flights.oldest?.started == nil
    }

    /// Counts an end of a worker that left a task behind (`Entry.timesLeft`).
    ///
    /// - Returns: True for the first two counted ends. From the third on, the task is probably the cause.
    mutating func isLeftSeldom(_ task: Int) -> Bool {
        entries[task]?.timesLeft += 1
        return entries[task].map { $0.timesLeft < 3 } ?? true
    }

    /// Blames a task for a death; the task is retried, preferably on a new worker, or ends.
    ///
    /// If the task ends, a `complaint` becomes the error message of its record.
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
                complaint.map { .brokeProtocol($0, exit) } ?? .crashed(exit),
                by: worker,
                into: &actions
            )
        }
        // A new coordinator of a machine may take long to start, and may never start. The workers of a
        // dead coordinator have ended too, so the retry gets another worker on any machine.
        if options.startsMachines { requeue([task]) } else { retries.append(task) }
        actions.append(
            .triedAgain(token: entry.token, exit, worker, nanosecondsInHand: nanosecondsInHand)
        )
    }

    /// Requeues the tasks of a dead worker, and blames no task.
    ///
    /// The task whose `Flight.seq` is `culprit` is left out. A task that may have begun and must not be
    /// repeated ends as lost.
    mutating func release(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        but culprit: Int?,
        into actions: inout [PoolAction]
    ) {
        // A sequential worker may have begun its tasks up to and including `next`, the task that it is
        // probably working on. Without `next`, it may have begun all its tasks.
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

    /// Returns `true` if a concurrent or trusted worker may have begun a task that must not be repeated.
    ///
    /// A trusted worker sends `start` before such a task.
    private func mayHaveBegun(_ flight: Flights.Flight, on dead: WorkerSlot) -> Bool {
        flight.started != nil || !dead.isTrusted
    }

    /// Returns `true` if the end of a trusted worker probably has nothing to do with its tasks.
    ///
    /// A child coordinator's end is mostly a lost connection. If a signal such as SIGTERM ended any other
    /// trusted worker, and the pool did not send the signal, another program probably sent it.
    private func isLoss(_ dead: WorkerSlot, _ exit: WorkerExit) -> Bool {
        if dead.isCoordinator { return dead.stopReason == nil || dead.stopReason == .silent }
        guard dead.isTrusted, dead.stopReason == nil, !exit.wasStopped, !exit.isOutOfMemory else {
            return false
        }
        return exit.signal.map { [SIGKILL, SIGTERM, SIGINT, SIGHUP].contains($0) } ?? false
    }

    /// Counts the end of a worker against its tasks; if some tasks were started, only against these.
    ///
    /// A loss (`isLoss`) counts only for a task that has been lost `PoolOptions.lossLimit` times before. A
    /// task with two counted deaths is retried alone. If this retry's worker dies too, the task ends. A task
    /// that may have begun and must not be repeated ends immediately.
    mutating func suspect(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        // If the worker was silent, made no progress or printed too much, the record names this reason, and
        // not a crash.
        let end: TaskEnd =
            switch dead.stopReason {
            case .wedged, .silent: .pastDeadline(exit)
            case .flooded: .brokeProtocol(dead.garbage.complaint, exit)
            default: .crashed(exit)
            }
        let wasAlone = dead.hadOneTask
        let anyStarted = dead.flights.all.contains { $0.started != nil }
        let isLoss = isLoss(dead, exit)
        var innocent: [Int] = []
        for flight in dead.flights.all {
            guard let entry = entries[flight.task] else { continue }
            if !entry.mayRepeat, mayHaveBegun(flight, on: dead) {
                let isSure = !isLoss && (wasAlone || !exit.wasStopped)
                complete(flight.task, isSure ? end : .lost(exit), by: worker, into: &actions)
            } else if anyStarted, flight.started == nil {
                innocent.append(flight.task)
            } else if isLoss, entry.losses < options.lossLimit {
                entries[flight.task]?.losses += 1
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

    /// Puts tasks back at the front of the queue in their order, or at its end if `atEnd` is true.
    ///
    /// Suspects (`Entry.isSuspect`) go to the end of a queue of their own.
    mutating func requeue(_ tasks: [Int], atEnd: Bool = false) {
        for task in tasks where entries[task]?.isSuspect ?? false { suspects.append(task) }
        guard !atEnd else {
            for task in tasks where !(entries[task]?.isSuspect ?? false) { queue.append(task) }
            return
        }
        for task in tasks.reversed() where !(entries[task]?.isSuspect ?? false) { queue.prepend(task) }
    }
}
