// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWorker

// Checks of the memory of workers that have a limit.

extension PoolLoop {
    /// The shortest time between two checks of the memory.
    private static let watchInterval: PoolTime.Milliseconds = 100

    /// Checks the memory of each worker that is busy (`PoolState.isBusy`) and has a limit.
    ///
    /// A worker that holds more memory than its limit gets SIGKILL. The function does nothing if the last
    /// check was less than `watchInterval` ago.
    func watchMemory(at now: PoolTime) {
        guard now >= nextWatch else { return }
        nextWatch = now + Self.watchInterval
        for pool in pools {
            guard let limit = pool.state.options.memoryLimitKB else { continue }
            for case let member? in pool.members where pool.state.isBusy(member.view.id) {
                member.memory.note(member.link.memory())
                guard let last = member.memory.lastKB, last > limit else { continue }
                if pool.state.phase(of: member.view.id) == .starting {
                    // If the pool ends because of this worker, the error message shows this text.
                    member.errorTail.add(WorkerLimits.refusal(of: limit << 10, needed: last << 10))
                }
                feed(.outgrew(member.view.id), to: pool)
            }
        }
    }

    /// The time of the next check; `nil` while no pool with a limit has a busy worker or a task.
    var watchDue: PoolTime? {
        let isNeeded = pools.contains { $0.state.options.memoryLimitKB != nil && $0.state.mayHaveBusyWorker }
        return isNeeded ? nextWatch : nil
    }
}
