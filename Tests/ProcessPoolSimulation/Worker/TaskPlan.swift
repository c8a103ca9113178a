// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

/// The properties of a task that are fixed before the run.
struct TaskPlan {
    let behavior: Behavior
    /// The number of attempts with this `behavior`; later attempts succeed.
    let relapses: Int
    /// The duration of the work, in nanoseconds.
    let nanoseconds: Int
    let mayRepeat: Bool
    /// The worker's exit if the worker dies of the task.
    let exit: WorkerExit

    /// The number of relapses of a task that never succeeds.
    static let incurable = 1_000_000

    /// Returns a random task; on average, one in `rarity` has a `behavior` other than `work`.
    ///
    /// On average, one task in `slow` lasts 20 to 300 ms. The other tasks last a number of microseconds in
    /// `microseconds`.
    static func random(
        rarity: Int,
        slow: Int,
        microseconds: ClosedRange<Int>,
        _ random: inout SeededGenerator
    ) -> TaskPlan {
        let behaviors: [Behavior] = [
            .dieOnReading, .dieHalfway, .dieInResult, .dieAfterResult, .hang(isFrozen: false),
            .hang(isFrozen: true), .babble, .babble, .babble, .mumble, .chatter, .flood, .tear, .outgrow,
            .closeOutput, .leave,
        ]
        let exits = [
            WorkerExit(signal: 11), WorkerExit(signal: 6), WorkerExit(status: 3), WorkerExit(),
            WorkerExit(signal: 9, isOutOfMemory: true),
        ]
        let behavior = random.oneIn(rarity) ? random.pick(behaviors) : .work
        let work = random.oneIn(slow) ? random.pick(20_000...300_000) : random.pick(microseconds)
        return TaskPlan(
            behavior: behavior,
            relapses: random.oneIn(3) ? random.pick(1...2) : incurable,
            nanoseconds: work * 1_000,
            mayRepeat: !random.oneIn(12),
            exit: random.pick(exits)
        )
    }
}
