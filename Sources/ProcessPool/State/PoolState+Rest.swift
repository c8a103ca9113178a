// SPDX-License-Identifier: MIT
// fetchpool

// How long a pool can be left alone.

extension PoolState {
    /// For how long each worker has something to do beyond what it has begun, in nanoseconds, by the pace measured; 0 where one
    /// has not, or where something else may want an answer.
    ///
    /// Whoever looks again well before that time keeps nobody waiting, and finds many answers at once.
    package var workAhead: Int {
        guard let perTask = pace.perTask, phase == .open || phase == .draining else { return 0 }
        var least = Int.max
        for slot in slots where slot.isLive && !slot.isSpare {
            guard slot.phase == .ready else { return 0 }
            least = min(least, slot.flights.count - slot.concurrency)
        }
        // Where no worker lives, one is to be started.
        guard least > 0, least < Int.max else { return 0 }
        return least * perTask
    }
}
