// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

// The deadlines of workers.
//
// The clock for these rules does not count long times in which the loop does not run (`LoopClock`).

extension PoolState {
    /// The longest silence of a worker that has a task and beats each second: the time of five beats.
    static let silenceLimit: PoolTime.Milliseconds = 5_000

    /// Ends the workers whose deadline has passed.
    mutating func endOverdue(at now: PoolTime, into actions: inout [PoolAction]) {
        for index in slots.indices {
            guard let (due, stopReason) = deadline(of: slots[index]), due <= now else { continue }
            slots[index].stopReason = stopReason
            stop(WorkerID(slot: index, life: slots[index].life), at: now, into: &actions)
        }
    }

    /// Returns `true` if a worker has a task, or works on a task that it was asked to give up.
    package func isBusy(_ worker: WorkerID) -> Bool {
        isCurrent(worker) && (!slots[worker.slot].flights.isEmpty || slots[worker.slot].abandoned > 0)
    }

    /// True if a task has not ended, or a worker works on a task that it was asked to give up.
    package var mayHaveBusyWorker: Bool { unendedTasks > 0 || !abandoned.isEmpty }

    /// Returns the longest time that any worker has had its oldest task, in nanoseconds; 0 if no worker has a
    /// task.
    ///
    /// For a sequential worker, the time counts from the moment at which the worker could begin the task
    /// (`WorkerSlot.turnedTo`). For a concurrent worker, the time counts from the sending of the task.
    package func longestInHand(at now: PoolTime) -> Int {
        slots.compactMap { slot in
            guard let oldest = slot.flights.oldest else { return nil }
            return now - (slot.concurrency == 1 ? slot.turnedTo ?? oldest.sent : oldest.sent)
        }.max() ?? 0
    }

    /// Returns the time at which the pool must end a worker, and the reason; `nil` if there is no such time.
    ///
    /// A worker without a task has such a time only with `PoolOptions.startsMachines`, and only while it is
    /// starting.
    func deadline(of slot: WorkerSlot) -> (PoolTime, WorkerSlot.StopReason)? {
        guard slot.takesWork || slot.phase == .draining else { return nil }
        guard let oldest = slot.flights.oldest else {
            guard options.startsMachines, slot.phase == .starting else { return nil }
            return (slot.startedAt + options.startDeadline, .neverBegan)
        }
        if slot.phase == .starting { return startLimit(slot, oldest) }
        let isLimited = slot.concurrency == 1 && !slot.isTrusted && options.taskDeadline != nil
        var earliest = isLimited ? taskLimit(slot, oldest) : bound(slot, oldest)
        if isBeating(slot) {
            let silent = max(slot.lastHeard, oldest.sent) + Self.silenceLimit
            let stopReason: WorkerSlot.StopReason =
                if slot.isCoordinator {
                    .silent
                } else {
                    slot.concurrency == 1 ? .deadline(seq: oldest.seq) : .wedged
                }
            if silent < earliest?.0 ?? silent + 1 { earliest = (silent, stopReason) }
        }
        return earliest
    }

    /// Returns `true` if a worker is known to beat each second, or has sent a beat since it could begin its
    /// oldest task.
    private func isBeating(_ slot: WorkerSlot) -> Bool {
        if slot.hasBeaten { return true }
        guard let beatAt = slot.beatAt, let turnedTo = slot.turnedTo else { return false }
        return beatAt >= turnedTo
    }

    /// Returns the time by which a worker with a task must have sent its first line.
    ///
    /// `startDeadline` counts from the start of the worker or the sending of its oldest task, whichever is
    /// later. But if the worker may work without a `hello`, and tasks have a deadline, the start counts as
    /// over after `CommandState.startAllowance`. The oldest task then gets its full `taskDeadline`.
    private func startLimit(_ slot: WorkerSlot, _ oldest: Flights.Flight) -> (PoolTime, WorkerSlot.StopReason)
    {
        let command = commands[command(of: slot.place)]
        guard !command.greets, let limit = options.taskDeadline else {
            return (
                max(slot.startedAt + options.startDeadline, oldest.sent + options.startDeadline), .neverBegan
            )
        }
        let started = slot.startedAt + command.startAllowance(within: options.startDeadline)
        return (max(started, oldest.sent) + limit, .deadline(seq: oldest.seq))
    }

    /// Returns the deadline of a sequential worker's oldest task, counted from the time at which the worker
    /// could begin the task; `nil` if there is no deadline.
    private func taskLimit(
        _ slot: WorkerSlot,
        _ oldest: Flights.Flight
    ) -> (PoolTime, WorkerSlot.StopReason)? {
        guard let limit = options.taskDeadline, let turnedTo = slot.turnedTo else { return nil }
        return (turnedTo + limit, .deadline(seq: oldest.seq))
    }

    /// Returns the deadline of a worker to which `taskLimit` does not apply; `nil` if there is no deadline.
    ///
    /// `taskDeadline` limits each started task of an untrusted concurrent worker. Until the worker has sent
    /// `start` once, `taskDeadline` limits the oldest task. `Entry.bound` of the oldest task limits the
    /// worker's time without progress, even for a trusted worker. `Entry.bound` does not apply to a child
    /// coordinator: only the child knows the limits of its own workers. If the child's loop, which applies
    /// these limits, hangs, the child sends no beats, and `silenceLimit` applies.
    private func bound(_ slot: WorkerSlot, _ oldest: Flights.Flight) -> (PoolTime, WorkerSlot.StopReason)? {
        var earliest: (PoolTime, WorkerSlot.StopReason)?
        if !slot.isTrusted, slot.concurrency > 1, let limit = options.taskDeadline {
            if let first = slot.flights.firstStarted {
                earliest = (first.at + limit, .deadline(seq: first.seq))
            }
            let due = max(oldest.sent, slot.readyAt) + limit
            if !slot.saysStart, due < earliest?.0 ?? due + 1 { earliest = (due, .deadline(seq: oldest.seq)) }
        }
        if !slot.isCoordinator, let limit = entries[oldest.task]?.bound {
            let stuck = max(oldest.sent, slot.lastProgress) + limit
            let stopReason: WorkerSlot.StopReason =
                slot.concurrency == 1 ? .deadline(seq: oldest.seq) : .wedged
            if stuck < earliest?.0 ?? stuck + 1 { earliest = (stuck, stopReason) }
        }
        return earliest
    }
}
