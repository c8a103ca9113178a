// SPDX-License-Identifier: MIT
// fetchpool

// The time for which a pool can be left alone.

extension PoolState {
    /// The time until some worker has begun all its tasks, in nanoseconds, estimated from the measured pace.
    ///
    /// The value is 0 if the pace is not known, if a worker is not ready, if no worker lives, or if the pool
    /// is ending or has ended. Spares are ignored.
    ///
    /// If a loop pauses for a part of this time, probably no worker runs out of tasks. After the pause, the
    /// loop reads many results together. Such a pause may delay deadlines, and the start of a worker after a
    /// back-off.
    package var workAhead: Int {
        guard let perTask = pace.perTask, phase == .open || phase == .draining else { return 0 }
        var least = Int.max
        for slot in slots where slot.isLive && !slot.isSpare {
            guard slot.phase == .ready else { return 0 }
            least = min(least, slot.flights.count - slot.concurrency)
        }
        // `least` is still `Int.max` if no worker lives, apart from spares.
        guard least > 0, least < Int.max else { return 0 }
        return least * perTask
    }
}
