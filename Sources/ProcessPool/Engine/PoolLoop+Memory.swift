// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// How the loop watches workers that may hold so much memory and no more.

extension PoolLoop {
    /// How often the memory of workers is looked at that may hold so much and no more.
    private static let watchInterval: PoolTime.Milliseconds = 100

    /// Looks at the memory of each worker that has a task in hand and a limit.
    func watchMemory(at now: PoolTime) {
        guard now >= nextWatch else { return }
        nextWatch = now + Self.watchInterval
        for pool in pools {
            guard let limit = pool.state.options.memoryLimitKB else { continue }
            for case let member? in pool.members where pool.state.isBusy(member.view.id) {
                member.memory.note(member.link.memory())
                guard let last = member.memory.lastKB, last > limit else { continue }
                feed(.outgrew(member.view.id), to: pool)
            }
        }
    }

    /// When the next look is due; `nil` while no worker with a limit has work.
    var watchDue: PoolTime? {
        let isNeeded = pools.contains { $0.state.options.memoryLimitKB != nil && $0.state.unendedTasks > 0 }
        return isNeeded ? nextWatch : nil
    }
}
