// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport

/// The common properties of the workers of one command.
struct Crew {
    /// The number of tasks that each worker works on at the same time.
    var concurrency = 1
    /// True if the workers have a name that the pool trusts.
    var isTrusted = false
    /// True if the workers are child coordinators, which are trusted.
    var isCoordinator = false
    /// True if the workers say `start`.
    ///
    /// Trusted workers say `start` only for tasks that must not be repeated; other workers say `start` for
    /// each task.
    var saysStart = false
    /// True if the workers work without a `hello`.
    var isSilent = false
    /// True if the input is read at once, even if the work begins later.
    ///
    /// A shell that starts a worker may read the input before the worker does.
    var readsEagerly = false

    /// Returns a random crew.
    ///
    /// The workers can be silent only if `mayBeSilent` is true. They can be child coordinators only if
    /// `mayCoordinate` is true.
    static func random(_ random: inout SeededGenerator, mayBeSilent: Bool, mayCoordinate: Bool) -> Crew {
        var crew = Crew()
        crew.concurrency = random.oneIn(3) ? random.pick(2...32) : 1
        crew.isSilent = crew.concurrency == 1 && random.oneIn(5) && mayBeSilent
        crew.isTrusted = !crew.isSilent && random.oneIn(crew.concurrency > 1 ? 2 : 8)
        crew.isCoordinator = crew.isTrusted && random.oneIn(2) && mayCoordinate
        crew.readsEagerly = random.oneIn(4)
        crew.saysStart = crew.isTrusted || random.oneIn(3)
        return crew
    }
}
