// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// The use of workers, for the display of progress.

extension PoolLoop {
    /// The shortest time between two readings of a worker's memory for the display.
    private static let memoryInterval: PoolTime.Milliseconds = 2_000

    /// Returns the use of a pool's workers; call this function at the end of a turn.
    package func use(of pool: Int) -> PoolUse { self[pool].state.use(at: now) }

    /// Returns the use of each worker of a pool except spares, in the order of their slots.
    package func workers(of pool: Int) -> [WorkerUse] {
        let pool = self[pool]
        return pool.members.indices.compactMap { slot in
            guard let member = pool.members[slot], var use = pool.state.use(of: slot, at: now) else {
                return nil
            }
            member.lookAtMemory(at: now, after: Self.memoryInterval)
            (use.pid, use.memoryKB) = (member.view.pid, member.memory.lastKB)
            use.restarts = max(pool.starts[slot] - 1, 0)
            return use
        }
    }
}

extension PoolMember {
    /// Reads the worker's memory from the kernel, unless this function read it during the last `interval`.
    fileprivate func lookAtMemory(at now: PoolTime, after interval: PoolTime.Milliseconds) {
        if let memoryReadAt, now < memoryReadAt + interval { return }
        memoryReadAt = now
        memory.note(link.memory())
    }
}
