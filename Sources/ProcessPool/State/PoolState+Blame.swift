// SPDX-License-Identifier: MIT
// fetchpool

// Which task a death is blamed on, and what becomes of it.

extension PoolState {
    /// A sequential worker was working on its oldest unanswered task: that one is the culprit, the others go
    /// back at no cost.
    ///
    /// A concurrent one accuses nobody at once.
    mutating func assignBlame(
        for worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        if dead.concurrency > 1 {
            suspect(worker, dead, exit, into: &actions)
            return
        }
        var tasks = dead.flights.all.map(\.task)
        if !dead.hasPaid, let culprit = tasks.first {
            tasks.removeFirst()
            requeue(tasks)
            blame(culprit, worker, exit, into: &actions)
        } else {
            requeue(tasks)
        }
    }

    private mutating func blame(
        _ task: Int,
        _ worker: WorkerID,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        entries[task]?.crashes += 1
        guard let entry = entries[task] else { return }
        if entry.mayRepeat, entry.crashes <= options.crashRetries {
            queue.prepend(task)
        } else {
            complete(task, .crashed(exit), by: worker, into: &actions)
        }
    }

    /// Every task in hand may be the culprit, or, where `start` was said, every started one.
    ///
    /// One that was in hand at two deaths is tried alone; one that dies alone is the culprit.
    private mutating func suspect(
        _ worker: WorkerID,
        _ dead: WorkerSlot,
        _ exit: WorkerExit,
        into actions: inout [PoolAction]
    ) {
        let wasAlone = dead.isReserved && dead.flights.count == 1
        let anyStarted = dead.flights.all.contains(where: \.hasStarted)
        var innocent: [Int] = []
        for flight in dead.flights.all {
            guard let entry = entries[flight.task] else { continue }
            if !entry.mayRepeat, flight.hasStarted || !dead.saysStart {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else if anyStarted, !flight.hasStarted {
                innocent.append(flight.task)
            } else if wasAlone {
                complete(flight.task, .crashed(exit), by: worker, into: &actions)
            } else {
                entries[flight.task]?.deaths += 1
                if entry.deaths + 1 >= 2 {
                    suspects.append(flight.task)
                } else {
                    innocent.append(flight.task)
                }
            }
        }
        requeue(innocent)
    }

    /// Puts tasks back where they came from: in front, in their order.
    mutating func requeue(_ tasks: [Int]) {
        for task in tasks.reversed() { queue.prepend(task) }
    }
}
