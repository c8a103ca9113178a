// SPDX-License-Identifier: MIT
// fetchpool

// The time for which a pool can be left alone.

extension PoolState {
    /// The estimated time until some worker has begun all its tasks, in nanoseconds, by the measured pace.
    ///
    /// The value is 0 if the pace is not known, or if some worker has begun all its tasks. The value is also
    /// 0 if a worker may have to be started or ended. A loop that pauses for a part of this time delays no
    /// worker, and then reads many results at once.
    package var workAhead: Int {
        guard let perTask = pace.perTask, phase == .open || phase == .draining else { return 0 }
        var least = Int.max
        for slot in slots where slot.isLive && !slot.isSpare {
            guard slot.phase == .ready else { return 0 }
            least = min(least, slot.flights.count - slot.concurrency)
        }
        // If no worker lives, a worker must be started.
        guard least > 0, least < Int.max else { return 0 }
        return least * perTask
    }
}
