// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Ends workers that have had no task for a while.

extension PoolState {
    /// Drains each worker whose idle time is over, unless tasks are queued or expected.
    mutating func dismissIdle(at now: PoolTime, into actions: inout [PoolAction]) {
        guard queuedTasks == 0, expectedTasks == 0 else { return }
        for index in slots.indices {
            guard let due = idleEnd(of: slots[index]), due <= now else { continue }
            drain(index, at: now, into: &actions)
        }
    }

    /// Returns the time at which a worker's idle time is over; `nil` if there is no such time.
    func idleEnd(of slot: WorkerSlot) -> PoolTime? {
        guard let limit = options.idleTimeout, phase == .open, slot.takesWork, slot.flights.isEmpty else {
            return nil
        }
        guard slot.phase == .starting else { return max(slot.readyAt, slot.lastProgress) + limit }
        // A worker that sends no `hello` counts as starting until its first result.
        guard commands[command(of: slot.place)].isSilent else { return nil }
        return max(slot.startedAt, slot.lastProgress) + limit
    }
}
