// SPDX-License-Identifier: MIT
// fetchpool

/// What a task does to the worker that works on it.
enum Deed: Equatable {
    /// It is done.
    case work
    /// The worker dies of it: on reading it, halfway, with half of the answer written, with all of it written.
    case dieOnReading, dieHalfway, dieInAnswer, dieAfterAnswer
    /// It never ends; a worker that is frozen says no more that it lives.
    case hang(isFrozen: Bool)
    /// The worker prints a line that cannot be passed over in place of an answer.
    case babble
    /// It prints a dozen lines that can, then answers.
    case chatter
    /// It takes more memory than it may.
    case outgrow
    /// It closes its output and lives on.
    case closeOutput
}

/// What is known of a task before the run.
struct TaskPlan {
    let deed: Deed
    /// At how many tries the task does that; then it is done like any other.
    let relapses: Int
    /// Nanoseconds of work.
    let nanoseconds: Int
    let mayRepeat: Bool

    /// Whether workers survive it.
    var isInnocent: Bool { deed == .work }

    /// A task of a scenario in which one in `rarity` goes wrong.
    static func random(rarity: Int, slow: Int, _ random: inout SeededGenerator) -> TaskPlan {
        let deeds: [Deed] = [
            .dieOnReading, .dieHalfway, .dieInAnswer, .dieAfterAnswer, .hang(isFrozen: false),
            .hang(isFrozen: true), .babble, .chatter, .outgrow, .closeOutput,
        ]
        let deed = random.oneIn(rarity) ? random.pick(deeds) : .work
        // Cheap ones, so that windows grow; some that last long enough for a recall.
        let microseconds = random.oneIn(slow) ? random.pick(20_000...300_000) : random.pick(5...400)
        return TaskPlan(
            deed: deed,
            relapses: random.oneIn(3) ? 1 : 1_000,
            nanoseconds: microseconds * 1_000,
            mayRepeat: !random.oneIn(12)
        )
    }
}
