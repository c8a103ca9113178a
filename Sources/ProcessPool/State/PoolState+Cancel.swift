// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Ends tasks that their client no longer wants.

extension PoolState {
    /// A cancelled task that a worker still has.
    struct Cancellation: Sendable {
        let task: Int
        /// The token of the task; if the task with the number `task` has another token, `task` was reused.
        let token: Int
        let worker: WorkerID
        let seq: Int
        /// The time of the next check of the task (`mustBeCheckedAgain`).
        var due: PoolTime
    }

    /// A sending that a concurrent worker has begun and was asked to give up, and whose task has ended.
    ///
    /// While the worker works on the sending, the worker can do one task fewer.
    struct Abandoned: Hashable, Sendable {
        let worker: WorkerID
        let seq: Int
    }

    /// The time between two checks of a cancelled task that a worker has not given up.
    private static let nextLook: PoolTime.Milliseconds = 100

    /// Ends those tasks of `tokens` that no worker has; asks the workers to give up the others.
    ///
    /// A worker is asked only once for each task. If the pool is ending or has ended, nothing happens.
    mutating func cancel(
        _ tokens: Set<Int>,
        grace: PoolTime.Milliseconds,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard phase == .open || phase == .draining else { return }
        let asked = Set(cancellations.map(\.token))
        var held: Set<Int> = []
        for index in slots.indices {
            let worker = WorkerID(slot: index, life: slots[index].life)
            for flight in slots[index].flights.all {
                guard let token = entries[flight.task]?.token, tokens.contains(token) else { continue }
                held.insert(flight.task)
                entries[flight.task]?.isCancelled = true
                guard !asked.contains(token) else { continue }
                slots[index].mayReturn += 1
                actions.append(.cancel(worker, seq: flight.seq))
                cancellations.append(
                    Cancellation(
                        task: flight.task,
                        token: token,
                        worker: worker,
                        seq: flight.seq,
                        due: now + grace
                    )
                )
            }
        }
        let queued = entries.indices.filter { task in
            !held.contains(task) && entries[task].map { tokens.contains($0.token) } ?? false
        }
        endQueued(Set(queued), into: &actions)
    }

    /// Returns the elements of `tokens` whose tasks are in flight in a slot that satisfies `condition`.
    func tokens(among tokens: Set<Int>, where condition: (WorkerSlot) -> Bool) -> [Int] {
        slots.filter(condition).flatMap { slot in
            slot.flights.all.compactMap { entries[$0.task]?.token }.filter(tokens.contains)
        }
    }

    /// Ends cancelled tasks that no worker has any more, and handles tasks that workers do not give up
    /// (`mustBeCheckedAgain`).
    mutating func endCancelled(at now: PoolTime, into actions: inout [PoolAction]) {
        let open = cancellations
        cancellations = []
        var queued: Set<Int> = []
        for var cancellation in open where entries[cancellation.task]?.token == cancellation.token {
            guard isCurrent(cancellation.worker),
                slots[cancellation.worker.slot].flights.flight(cancellation.seq) != nil
            else {
                queued.insert(cancellation.task)
                continue
            }
            if cancellation.due <= now {
                guard mustBeCheckedAgain(cancellation, at: now, into: &actions) else { continue }
                cancellation.due = now + Self.nextLook
            }
            cancellations.append(cancellation)
        }
        endQueued(queued, into: &actions)
    }

    /// Ends the cancelled task of a concurrent worker, or ends the sequential worker that works on the task.
    ///
    /// A concurrent worker is not ended for one task, because the end of the worker would interrupt its other
    /// tasks. For the exception, see `endBlocked`.
    ///
    /// A sequential worker is not ended while it may be starting, or while the task is not its oldest task.
    ///
    /// - Returns: False if the task has ended.
    private mutating func mustBeCheckedAgain(
        _ cancellation: Cancellation,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) -> Bool {
        let slot = cancellation.worker.slot
        if slots[slot].concurrency > 1 {
            let flight = removeFlight(cancellation.seq, from: slot, results: 0, at: now)
            if flight?.started != nil {
                abandoned.insert(Abandoned(worker: cancellation.worker, seq: cancellation.seq))
                slots[slot].abandoned += 1
            }
            complete(cancellation.task, .cancelled, by: cancellation.worker, into: &actions)
            return false
        }
        guard !mayBeStarting(slots[slot]), !slots[slot].isStopping,
            slots[slot].flights.isOldest(cancellation.seq)
        else { return true }
        // The worker must first be asked to return the tasks behind this task. Otherwise the worker could
        // finish this task just before the worker's end, and begin the next task.
        if options.beginsInOrder, mayNeedRecall(slots[slot]) { return true }
        slots[slot].stopReason = .cancelled(seq: cancellation.seq)
        stop(cancellation.worker, at: now, into: &actions)
        return true
    }

    /// Notes that a worker has finished or returned a sending; does nothing unless the sending is abandoned.
    mutating func noteGivenUp(_ seq: Int, by worker: WorkerID) {
        guard slots[worker.slot].abandoned > 0,
            abandoned.remove(Abandoned(worker: worker, seq: seq)) != nil
        else { return }
        slots[worker.slot].abandoned -= 1
    }

    /// Ends the concurrent workers that work only on abandoned tasks, and can begin no task because of these.
    mutating func endBlocked(at now: PoolTime, into actions: inout [PoolAction]) {
        for index in slots.indices where slots[index].isLive && !slots[index].isStopping {
            guard slots[index].freeConcurrency <= 0, slots[index].flights.firstStarted == nil,
                let task = abandoned.first(where: { $0.worker.slot == index })
            else { continue }
            slots[index].stopReason = .cancelled(seq: task.seq)
            stop(task.worker, at: now, into: &actions)
        }
    }

    /// Returns `true` if a worker has sent no line, and workers of its command are not known to work without
    /// a `hello`.
    ///
    /// During its first task, a worker that sends no `hello` is in the phase `starting` too. So a worker of a
    /// silent command has probably started.
    func mayBeStarting(_ slot: WorkerSlot) -> Bool {
        slot.phase == .starting && !commands[command(of: slot.place)].isSilent
    }

    /// Ends tasks that wait in a queue, or whose workers' deaths are not judged yet.
    private mutating func endQueued(_ tasks: Set<Int>, into actions: inout [PoolAction]) {
        guard !tasks.isEmpty else { return }
        queue = Self.removing(tasks, from: queue)
        retries = Self.removing(tasks, from: retries)
        suspects = Self.removing(tasks, from: suspects)
        for index in commands.indices {
            let before = commands[index].openCases.count
            commands[index].openCases.removeAll { tasks.contains($0.task) }
            openCases -= before - commands[index].openCases.count
        }
        for task in tasks.sorted() { complete(task, .cancelled, by: nil, into: &actions) }
    }

    private static func removing(_ tasks: Set<Int>, from queue: Deque<Int>) -> Deque<Int> {
        var (old, kept) = (queue, Deque<Int>())
        while let next = old.popFirst() { if !tasks.contains(next) { kept.append(next) } }
        return kept
    }
}
