// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

// The use of a pool's workers, for the display of progress. This code makes no decisions.

/// The use of a pool's workers at one time.
package struct PoolUse: Hashable, Sendable {
    /// The number of live workers; spares do not count.
    ///
    /// `busy` is the number of these workers that have a task.
    package var (workers, busy) = (0, 0)
    /// The number of tasks that these workers have.
    package var inFlight = 0
    /// True if the pool is open and takes no further task now, and these workers have tasks.
    package var isFull = false
    /// True if no worker is past its first line, and some worker is starting or will be started.
    ///
    /// A worker will be started after a back-off, and in the place of a worker that is being ended.
    ///
    /// A worker whose command works without a `hello` counts as past its first line.
    package var isStarting = false
}

/// The use of one worker at one time.
package struct WorkerUse: Hashable, Sendable {
    /// The worker: its slot, and the number of its start.
    package var worker: WorkerID
    /// The process id; 0 if it is not known.
    package var pid = 0
    /// True once the worker has sent its first line, was told to exit, or is being ended.
    package var isReady = false
    /// The number of tasks that the worker has.
    package var inFlight = 0
    /// The number of tasks of this process that have ended.
    package var done = 0
    /// The number of processes that had the worker's slot before this process.
    package var restarts = 0
    /// The resident memory in KiB; `nil` if it is not known.
    package var memoryKB: Int?
    /// The token of the task that the worker probably works on; `nil` if it has no task.
    ///
    /// If the worker may send its results in any order, the token belongs to the worker's oldest task.
    package var token: Int?
    /// The time for which the worker has had its oldest task, in nanoseconds; 0 if it has no task.
    ///
    /// If the worker must keep the order of its tasks, the time counts from the moment at which the worker
    /// could begin the task. Otherwise the time counts from the sending of the task.
    package var nanoseconds = 0
}

extension PoolState {
    /// Returns the use of the workers; call this function after `settle`.
    package func use(at now: PoolTime) -> PoolUse {
        var use = PoolUse()
        for slot in slots where slot.isLive && !slot.isSpare {
            use.workers += 1
            use.busy += slot.flights.isEmpty ? 0 : 1
            use.inFlight += slot.flights.count
        }
        use.isStarting = isStarting
        use.isFull = phase == .open && use.inFlight > 0 && wanted(at: now) == 0
        return use
    }

    /// The value of `PoolUse.isStarting`.
    private var isStarting: Bool {
        var isStarting = false
        for slot in slots where !slot.isSpare {
            switch slot.phase {
            case .ready, .draining: return false
            case .starting where commands[command(of: slot.place)].isSilent: return false
            case .starting, .backingOff, .stopping: isStarting = true
            case .empty: break
            }
        }
        return isStarting
    }

    /// Returns the use of the worker in a slot; `nil` if there is no worker, or if the worker is a spare.
    func use(of slot: Int, at now: PoolTime) -> WorkerUse? {
        let place = slots[slot]
        guard place.isLive, !place.isSpare else { return nil }
        var use = WorkerUse(worker: WorkerID(slot: slot, life: place.life))
        use.isReady = place.phase != .starting
        (use.inFlight, use.done) = (place.flights.count, place.given - place.flights.count)
        let oldest = place.isOrdered ? place.next ?? place.flights.oldest : place.flights.oldest
        if let oldest {
            use.token = entries[oldest.task]?.token
            use.nanoseconds = now - (place.isOrdered ? place.turnedTo ?? oldest.sent : oldest.sent)
        }
        return use
    }
}
