// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

/// What is known of a task before the run.
struct TaskPlan {
    let deed: Deed
    /// At how many tries the task does that; then it is done like any other.
    let relapses: Int
    /// Nanoseconds of work.
    let nanoseconds: Int
    let mayRepeat: Bool
    /// How its worker ends, where it dies of it.
    let exit: WorkerExit

    /// A task that does what it is made for at every try.
    static let incurable = 1_000_000

    /// A task of a scenario in which one in `rarity` goes wrong, and one in `slow` lasts long enough for a recall.
    static func random(
        rarity: Int,
        slow: Int,
        microseconds: ClosedRange<Int>,
        _ random: inout SeededGenerator
    ) -> TaskPlan {
        let deeds: [Deed] = [
            .dieOnReading, .dieHalfway, .dieInAnswer, .dieAfterAnswer, .hang(isFrozen: false),
            .hang(isFrozen: true), .babble, .babble, .babble, .mumble, .chatter, .flood, .tear, .outgrow,
            .closeOutput, .leave,
        ]
        let exits = [
            WorkerExit(signal: 11), WorkerExit(signal: 6), WorkerExit(status: 3), WorkerExit(),
            WorkerExit(signal: 9, isOutOfMemory: true),
        ]
        let deed = random.oneIn(rarity) ? random.pick(deeds) : .work
        let work = random.oneIn(slow) ? random.pick(20_000...300_000) : random.pick(microseconds)
        return TaskPlan(
            deed: deed,
            relapses: random.oneIn(3) ? random.pick(1...2) : incurable,
            nanoseconds: work * 1_000,
            mayRepeat: !random.oneIn(12),
            exit: random.pick(exits)
        )
    }
}
