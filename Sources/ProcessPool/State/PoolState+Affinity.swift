// SPDX-License-Identifier: MIT
// fetchpool

// Which worker does a task best: the one that has a connection to its host.

extension PoolState {
    /// The worker that had tasks of this one's affinity last, if it has room and no more in hand than the mean.
    ///
    /// Where all have their hands full, the place that has become free is as a rule another's. A worker of ours is given the task all
    /// the same and keeps it for a moment: a connection that stands saves more than that.
    func usualSlot(of task: Int, _ credits: [Int], at now: PoolTime) -> Int? {
        guard let affinity = entries[task]?.affinity, let worker = affinities.worker(of: affinity),
            isCurrent(worker)
        else { return nil }
        if credits[worker.slot] <= 0 {
            return mayTakeMore(slots[worker.slot], at: now) ? worker.slot : nil
        }
        var (workers, tasks) = (0, 0)
        for slot in slots where slot.takesWork {
            (workers, tasks) = (workers + 1, tasks + slot.flights.count)
        }
        return slots[worker.slot].flights.count * workers <= tasks ? worker.slot : nil
    }

    /// The number of tasks beyond its window that a worker may hold that are better done by it than by others.
    func spareRoom(of slot: WorkerSlot) -> Int {
        options.sendsAhead && slot.isTrusted ? slot.concurrency / 2 : 0
    }

    /// True if nothing but its window keeps a worker from being given a task that is better done by it.
    private func mayTakeMore(_ slot: WorkerSlot, at now: PoolTime) -> Bool {
        let room = spareRoom(of: slot)
        // It must be getting on, or what it is given waits for long.
        guard room > 0, slot.hasAnswered, now - slot.lastProgress < Self.quickProgress, slot.phase == .ready,
            slot.closesAt == nil, !slot.isReserved, !slot.isSpare,
            !slot.isStuffed
        else { return false }
        return slot.flights.count < window(of: slot) + room
            && (options.tasksPerLife.map { slot.given < $0 } ?? true)
    }

    /// The time in which a worker that gets on ends one of its tasks, in nanoseconds; what waits for a place there waits for some such times.
    private static let quickProgress = 20_000_000
}
