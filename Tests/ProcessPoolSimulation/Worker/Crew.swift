// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport

/// What the workers of one command have in common.
struct Crew {
    /// Tasks that each works on at once.
    var concurrency = 1
    /// Whether they call themselves what the pool trusts.
    var isTrusted = false
    /// Whether they say `start` for each task, though nobody trusts them.
    var saysStart = false
    /// Whether they work without a hello.
    var isSilent = false
    /// True if what they are sent is read at once, as by a shell in between, though they begin later.
    var readsEagerly = false

    static func random(_ random: inout SeededGenerator) -> Crew {
        var crew = Crew()
        crew.concurrency = random.oneIn(3) ? random.pick(2...32) : 1
        crew.isSilent = crew.concurrency == 1 && random.oneIn(5)
        crew.isTrusted = !crew.isSilent && random.oneIn(crew.concurrency > 1 ? 2 : 8)
        crew.readsEagerly = random.oneIn(4)
        crew.saysStart = crew.isTrusted || random.oneIn(3)
        return crew
    }
}
