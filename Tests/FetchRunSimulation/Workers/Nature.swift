// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import SimulationSupport

/// What a worker is like, whatever it is given.
struct Nature {
    enum Boot: String, CaseIterable { case good, fails, hangs, otherVersion, cannotSpawn }

    var boot = Boot.good
    var bootTime = 3_000_000
    /// Works without a hello.
    var isSilent = false
    /// Says `start` for whatever it begins.
    var saysStart = false
    var beats = true
    var isNoisy = false
    var answersTwice = false
    /// Ignores SIGTERM.
    var isStubborn = false
    /// From SIGTERM to its end, in nanoseconds.
    var timeToDie = 500_000
    /// Gives nothing back.
    var keepsWhatItHas = false
    var staysAfterDrain = false
    var saysBye = true
    /// Reads its input only when it has nothing in hand, so that the pipe fills up.
    var readsSeldom = false
    /// A process of its own holds its pipes after its end: until the group is killed, or for so long.
    var grandchild = Grandchild.none
    /// From its end until it is reaped, in nanoseconds.
    var reapedAfter = 1_600_000
    /// Whether the kernel tells of its end at once.
    var hasPidfd = true
    /// What its output is torn into, in bytes.
    var pieces = 1 << 16

    enum Grandchild: Equatable { case none, inGroup, elsewhere(nanoseconds: Int) }
}

extension Nature {
    /// A worker of a scenario.
    ///
    /// `isDoomed` where it must not come up.
    static func random(
        _ scenario: RunScenario,
        isFetcher: Bool,
        isDoomed: Bool,
        _ random: inout SeededGenerator
    )
        -> Nature
    {
        var nature = Nature()
        let isOurs = scenario.fetching == .bundled
        if isDoomed {
            nature.boot = random.pick([.fails, .fails, .hangs, .otherVersion, .cannotSpawn])
        }
        nature.bootTime = random.pick(200_000...8_000_000)
        nature.isSilent = isFetcher && scenario.isSilent
        nature.saysStart = scenario.fetching == .concurrent && random.oneIn(2)
        nature.beats = isFetcher && isOurs || !random.oneIn(3)
        nature.isNoisy = random.oneIn(scenario.noisy)
        nature.answersTwice = random.oneIn(5)
        nature.isStubborn = random.oneIn(6)
        nature.timeToDie = random.oneIn(3) ? random.pick(0...900_000_000) : random.pick(0...2_000_000)
        nature.keepsWhatItHas = random.oneIn(6)
        nature.staysAfterDrain = random.oneIn(10)
        nature.saysBye = !random.oneIn(4)
        nature.readsSeldom = !isFetcher && random.oneIn(6)
        nature.grandchild =
            random.oneIn(10)
            ? .elsewhere(nanoseconds: random.pick(0...3_000) * 1_000_000)
            : random.oneIn(10) ? .inGroup : .none
        nature.reapedAfter = random.oneIn(8) ? random.pick(0...400_000_000) : random.pick(0...2_000_000)
        nature.hasPidfd = !random.oneIn(10)
        nature.pieces = scenario.isTorn ? random.pick(1...200) : 1 << 16
        return nature
    }
}
