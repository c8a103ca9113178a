// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// These functions tell workers to exit, end workers that exit too slowly, and end the pool.

extension PoolState {
    mutating func drainWorkers(at now: PoolTime, into actions: inout [PoolAction]) {
        for index in slots.indices where slots[index].takesWork { drain(index, at: now, into: &actions) }
    }

    /// Drains each worker that has done its last allowed task (`tasksPerLife`), so that a new worker replaces
    /// it.
    mutating func replaceSpent(at now: PoolTime, into actions: inout [PoolAction]) {
        guard let limit = options.tasksPerLife else { return }
        for index in slots.indices
        where slots[index].takesWork && slots[index].given >= limit && slots[index].flights.isEmpty {
            drain(index, at: now, into: &actions)
        }
    }

    /// Tells a worker without tasks to exit.
    mutating func drain(_ index: Int, at now: PoolTime, into actions: inout [PoolAction]) {
        slots[index].phase = .draining
        slots[index].closesAt = now + Self.leaveLimit(slots[index])
        actions.append(.drain(WorkerID(slot: index, life: slots[index].life)))
    }

    /// Returns the time that a worker may take to exit after `drain` or `bye`.
    ///
    /// A child coordinator gets more time: it gives its own workers 5 s to exit, and another second after
    /// SIGTERM. Then it removes its spool.
    static func leaveLimit(_ slot: WorkerSlot) -> PoolTime.Milliseconds {
        slot.isCoordinator ? 8_000 : 5_000
    }

    /// Sends SIGTERM to the workers whose time to exit is over (`closesAt`), and kills the workers that have
    /// not exited in time after SIGTERM.
    mutating func endSlowStops(at now: PoolTime, into actions: inout [PoolAction]) {
        for index in slots.indices {
            if let closesAt = slots[index].closesAt, closesAt <= now, slots[index].isLive,
                !slots[index].isStopping
            {
                stop(WorkerID(slot: index, life: slots[index].life), at: now, into: &actions)
            }
            guard case .stopping(let killAt?) = slots[index].phase, killAt <= now else { continue }
            slots[index].phase = .stopping(killAt: nil)
            actions.append(.kill(WorkerID(slot: index, life: slots[index].life)))
        }
    }

    /// Kills the workers that have got SIGTERM, but no SIGKILL yet.
    mutating func killStoppingWorkers(into actions: inout [PoolAction]) {
        for index in slots.indices {
            guard case .stopping(_?) = slots[index].phase else { continue }
            slots[index].phase = .stopping(killAt: nil)
            actions.append(.kill(WorkerID(slot: index, life: slots[index].life)))
        }
    }

    mutating func finishIfDone(into actions: inout [PoolAction]) {
        guard unendedTasks == 0, !slots.contains(where: \.isLive) else { return }
        switch phase {
        case .draining: actions.append(.finished(.drained))
        case .ending(let end): actions.append(.finished(end))
        case .open, .finished: return
        }
        phase = .finished
    }
}
