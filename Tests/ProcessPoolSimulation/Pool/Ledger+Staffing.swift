// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

// Before each sleep, these functions check that the pool has begun all work that it can begin.

extension Ledger {
    /// The longest time without progress in a pool that works as it should.
    ///
    /// This time is longer than the sum of these times: a task's deadline, the time after which a worker
    /// without beats is ended, a back-off, a worker's time to exit after SIGTERM, and the extra time for a
    /// full spool.
    private static let longestWait: PoolTime.Milliseconds = 20_000

    /// Fails if tasks remain and the pool does nothing that will end them.
    func checkMotion(wake: PoolTime?, at now: PoolTime) throws(Failure) {
        guard endedTasks < submittedTasks else { return }
        try require(now < lastProgress + Self.longestWait, "nothing has happened for 20 s, and tasks wait")
        guard !isEnding, queuedTasks > 0 else { return }
        try checkStaff(wake: wake, at: now)
        // The next turn of the loop sends the tasks that were requeued in this turn. So if the next turn
        // follows at once, a worker may be idle now.
        if wake.map({ $0 > now }) ?? true { try checkIdlers() }
    }

    /// Checks that the pool wakes in time to start a worker in each free slot, if workers are missing and
    /// more tasks are queued than workers are idle.
    private func checkStaff(wake: PoolTime?, at now: PoolTime) throws(Failure) {
        let able = slots.compactMap { slot in slot.life.flatMap { lives[$0].takesWork ? lives[$0] : nil } }
        let idle = able.count { $0.flights.isEmpty && ($0.hasSpoken || !scenario.options.startsMachines) }
        guard able.count < scenario.options.workers, queuedTasks > idle else { return }
        for (index, slot) in slots.enumerated() where slot.life.map({ lives[$0].isBuried }) ?? true {
            // One worker is enough to show that a command can start.
            guard !isShowing(index % scenario.options.commands) else { continue }
            // After a spare has become a regular worker, the pool starts further workers a millisecond later.
            let due = max(slot.quietUntil, now + 1)
            try require(
                wake.map { $0 <= due } ?? false,
                "\(queuedTasks) tasks wait, \(able.count) workers take work, and no worker is started in slot \(index)"
            )
        }
    }

    /// Returns `true` while a worker tests whether a command in doubt can start.
    private func isShowing(_ number: Int) -> Bool {
        commands[number].isInDoubt
            && slots.contains { slot in
                slot.life.map { !lives[$0].isBuried && !lives[$0].hasSpoken && command(of: $0) == number }
                    ?? false
            }
    }

    /// Checks that no task waits while a worker that may have this task is idle.
    private func checkIdlers() throws(Failure) {
        // A spare may be idle.
        guard !scenario.options.keepsSpare else { return }
        for slot in slots {
            guard let life = slot.life, lives[life].takesWork, lives[life].flights.isEmpty else { continue }
            // With `startsMachines`, or while its command is in doubt, a worker gets no task before its first
            // line.
            guard
                lives[life].hasSpoken
                    || !scenario.options.startsMachines && !commands[command(of: life)].isInDoubt
            else { continue }
            let (plain, suspects) = waiting(for: life)
            // A worker that is reserved for a suspect, a task with at least two deaths, may be idle.
            try require(plain == 0 || suspects > 0, "life \(life) is idle while \(plain) tasks wait")
        }
    }

    /// Returns `true` if a task is queued, is neither a retry nor a suspect, and is in no open case.
    private func isPlain(_ token: Int) -> Bool {
        let task = tasks[token]
        return task.place == .queued && !task.awaitsRetry && !task.isOpen && task.deaths < 2
    }

    /// Returns the number of plain queued tasks that a worker may have, and the number of all suspects that
    /// have not ended.
    private func waiting(for life: Int) -> (plain: Int, suspects: Int) {
        let plain = tasks.indices.count { isPlain($0) && (home(of: $0) ?? life) == life }
        let suspects = tasks.count { $0.place != .ended && $0.deaths >= 2 }
        return (plain, suspects)
    }
}
