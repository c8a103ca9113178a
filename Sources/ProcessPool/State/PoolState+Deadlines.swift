// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

// When a worker has had its time: nothing here waits without a bound.
//
// The times that these rules are given stand still while the loop does, and they are asked after everything readable was
// read, so nobody is ended because we did not look.

extension PoolState {
    /// How long a worker that says each second that it lives may be silent over a task: five of its beats.
    static let silenceLimit: PoolTime.Milliseconds = 5_000

    /// Ends the workers whose time is up.
    mutating func endOverdue(at now: PoolTime, into actions: inout [PoolAction]) {
        for index in slots.indices {
            guard let (due, stopReason) = deadline(of: slots[index]), due <= now else { continue }
            slots[index].stopReason = stopReason
            stop(WorkerID(slot: index, life: slots[index].life), at: now, into: &actions)
        }
    }

    /// Whether a worker has a task in hand.
    package func isBusy(_ worker: WorkerID) -> Bool {
        isCurrent(worker) && !slots[worker.slot].flights.isEmpty
    }

    /// The longest time that any worker has spent on its oldest task, in nanoseconds; 0 if none has a task.
    package func longestInHand(at now: PoolTime) -> Int {
        slots.compactMap { slot in
            guard let oldest = slot.flights.oldest else { return nil }
            return now - (slot.concurrency == 1 ? slot.turnedTo ?? oldest.sent : oldest.sent)
        }.max() ?? 0
    }

    /// When a worker's time is up, and why; `nil` while it has nothing in hand, or no limit.
    func deadline(of slot: WorkerSlot) -> (PoolTime, WorkerSlot.StopReason)? {
        guard slot.takesWork || slot.phase == .draining, let oldest = slot.flights.oldest else { return nil }
        if slot.phase == .starting { return startLimit(slot, oldest) }
        let isLimited = slot.concurrency == 1 && !slot.isTrusted && options.taskDeadline != nil
        var earliest = isLimited ? taskLimit(slot, oldest) : bound(slot, oldest)
        if isBeating(slot) {
            let silent = max(slot.lastHeard, oldest.sent) + Self.silenceLimit
            let stopReason: WorkerSlot.StopReason =
                slot.concurrency == 1 ? .deadline(seq: oldest.seq) : .wedged
            if silent < earliest?.0 ?? silent + 1 { earliest = (silent, stopReason) }
        }
        return earliest
    }

    /// True if a worker says each second that it lives; for all it works on, or at least for the task in hand.
    private func isBeating(_ slot: WorkerSlot) -> Bool {
        if slot.hasBeaten { return true }
        guard let beatAt = slot.beatAt, let turnedTo = slot.turnedTo else { return false }
        return beatAt >= turnedTo
    }

    /// The bound of a start.
    ///
    /// Where a worker may work without a word, its first task has its time after that: what a start takes is no task's fault.
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

    /// A sequential worker works on its oldest task, since it turned to it.
    private func taskLimit(
        _ slot: WorkerSlot,
        _ oldest: Flights.Flight
    ) -> (PoolTime, WorkerSlot.StopReason)? {
        guard let limit = options.taskDeadline, let turnedTo = slot.turnedTo else { return nil }
        return (turnedTo + limit, .deadline(seq: oldest.seq))
    }

    /// A worker with many in hand works on all of them, or on those that it said `start` for.
    ///
    /// Of one that says `start`, the others wait in it, and are bounded together: a worker that answers gets on.
    private func bound(_ slot: WorkerSlot, _ oldest: Flights.Flight) -> (PoolTime, WorkerSlot.StopReason)? {
        var earliest: (PoolTime, WorkerSlot.StopReason)?
        if !slot.isTrusted, slot.concurrency > 1, let limit = options.taskDeadline {
            if let first = slot.flights.firstStarted {
                earliest = (first.at + limit, .deadline(seq: first.seq))
            }
            let due = max(oldest.sent, slot.readyAt) + limit
            if !slot.saysStart, due < earliest?.0 ?? due + 1 { earliest = (due, .deadline(seq: oldest.seq)) }
        }
        if let limit = entries[oldest.task]?.bound {
            let stuck = max(oldest.sent, slot.lastProgress) + limit
            let stopReason: WorkerSlot.StopReason =
                slot.concurrency == 1 ? .deadline(seq: oldest.seq) : .wedged
            if stuck < earliest?.0 ?? stuck + 1 { earliest = (stuck, stopReason) }
        }
        return earliest
    }
}
