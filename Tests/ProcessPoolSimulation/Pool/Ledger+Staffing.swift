// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

// Whether all is set in motion that can be: asked when the pool has settled and is about to sleep.

extension Ledger {
    /// Without anything for so long, a world stands still: deadline, silence, back-off, the time to die and a full spool
    /// together are shorter.
    private static let longestWait: PoolTime.Milliseconds = 20_000

    /// Fails where work remains and nothing is on its way to do it.
    func checkMotion(wake: PoolTime?, at now: PoolTime) throws(Failure) {
        guard endedTasks < submittedTasks else { return }
        try require(now < lastProgress + Self.longestWait, "nothing has happened for 20 s, and tasks wait")
        guard !isEnding, queuedTasks > 0 else { return }
        try checkStaff(wake: wake, at: now)
        // What came back in this very turn is dealt in the next, which follows at once.
        if wake.map({ $0 > now }) ?? true { try checkIdlers() }
    }

    /// Live workers < target and work remains ⇒ a worker is starting or its back-off timer is set.
    private func checkStaff(wake: PoolTime?, at now: PoolTime) throws(Failure) {
        let able = slots.compactMap { slot in slot.life.flatMap { lives[$0].takesWork ? lives[$0] : nil } }
        let idle = able.count { $0.flights.isEmpty }
        guard able.count < scenario.options.workers, queuedTasks > idle else { return }
        for (index, slot) in slots.enumerated() where slot.life.map({ lives[$0].isBuried }) ?? true {
            // One worker is enough to show that a command can start.
            guard !isShowing(index % scenario.options.commands) else { continue }
            // Where a spare has taken over, the others are started a turn later.
            let due = max(slot.quietUntil, now + 1)
            try require(
                wake.map { $0 <= due } ?? false,
                "\(queuedTasks) tasks wait, \(able.count) workers take work, and nobody is started in slot \(index)"
            )
        }
    }

    /// True while a worker shows whether a command can start that is in doubt.
    private func isShowing(_ number: Int) -> Bool {
        commands[number].isInDoubt
            && slots.contains { slot in
                slot.life.map { !lives[$0].isBuried && !lives[$0].hasSpoken && command(of: $0) == number }
                    ?? false
            }
    }

    /// No task waits while a worker that may have it does nothing.
    private func checkIdlers() throws(Failure) {
        // A spare waits, and so does a worker that is kept for a suspect.
        guard !scenario.options.keepsSpare else { return }
        for slot in slots {
            guard let life = slot.life, lives[life].takesWork, lives[life].flights.isEmpty else { continue }
            // One that is to show that it can start has no task.
            guard lives[life].hasSpoken || !commands[command(of: life)].isInDoubt else { continue }
            let (plain, suspects) = waiting()
            try require(plain == 0 || suspects > 0, "life \(life) idles while \(plain) tasks wait")
        }
    }

    /// Queued tasks that any worker may have, and tasks that are to be tried alone, wherever they are.
    private func waiting() -> (plain: Int, suspects: Int) {
        let plain = tasks.count { $0.place == .queued && !$0.awaitsRetry && !$0.isOpen && $0.deaths < 2 }
        let suspects = tasks.count { $0.place != .ended && $0.deaths >= 2 }
        return (plain, suspects)
    }
}
