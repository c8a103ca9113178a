// SPDX-License-Identifier: MIT
// fetchpool

// The time for which a pool can be left alone.

extension PoolState {
    /// The time for which each worker has more tasks than it has begun, in nanoseconds, by the measured pace.
    ///
    /// It is 0 if some worker has no more, or if something else may need attention. A caller that looks again
    /// well before that time delays no worker, and finds many results at once.
    package var workAhead: Int {
        guard let perTask = pace.perTask, phase == .open || phase == .draining else { return 0 }
        var least = Int.max
        for slot in slots where slot.isLive && !slot.isSpare {
            guard slot.phase == .ready else { return 0 }
            least = min(least, slot.flights.count - slot.concurrency)
        }
        // If no worker lives, one must be started.
        guard least > 0, least < Int.max else { return 0 }
        return least * perTask
    }
}
