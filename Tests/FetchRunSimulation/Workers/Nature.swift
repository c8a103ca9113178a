// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import SimulationSupport

/// The properties of a worker that do not depend on its tasks.
struct Nature {
    enum Boot: String, CaseIterable { case good, fails, hangs, otherVersion, cannotSpawn }

    var boot = Boot.good
    /// The time from the creation of the process until its program has started or failed, in nanoseconds.
    var bootTime = 3_000_000
    /// True if the worker sends no `hello`.
    var isSilent = false
    /// True if the worker is a user's program that sends `start` for each task.
    var saysStart = false
    var beats = true
    var isNoisy = false
    /// True if the worker sends some results twice.
    var repeatsResults = false
    /// True if the worker ignores SIGTERM.
    var isStubborn = false
    /// True if the worker's process does not end after SIGKILL, but does nothing more.
    var outlivesSIGKILL = false
    /// The time from SIGTERM to the exit, in nanoseconds.
    var timeToDie = 500_000
    /// True if the worker ignores `recall`, and so returns no task.
    var keepsWhatItHas = false
    /// True if the worker ignores `drain` and the end of its input.
    var staysAfterDrain = false
    var saysBye = true
    /// True if the worker reads its input only while it does not work, so that the pipe may fill up.
    var readsSeldom = false
    /// The kind of the worker's child, which keeps the pipes open after the worker's exit.
    ///
    /// After the worker's exit, the child `inGroup` runs until the worker's process group gets a signal. The
    /// child `elsewhere` runs for the given time after the worker's exit. With `none`, there is no child.
    var grandchild = Grandchild.none
    /// The time from the exit of the process until it is reaped, in nanoseconds.
    var reapedAfter = 1_600_000
    /// True if the process has a pidfd, which reports the exit at once.
    var hasPidfd = true
    /// The largest number of bytes in one read of the output, before the worker's death.
    var pieces = 1 << 16

    enum Grandchild: Equatable { case none, inGroup, elsewhere(nanoseconds: Int) }
}

extension Nature {
    /// Returns random properties for a worker in a scenario.
    ///
    /// If `isDoomed` is true, the worker fails to start.
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
        nature.repeatsResults = random.oneIn(5)
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
        nature.outlivesSIGKILL = random.oneIn(40)
        return nature
    }
}
