// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport
import TestThreads
import Testing

@testable import Frontier

@Suite(.ownThread)
struct FrontierWorldTests {
    /// Returns a random world; the same seed gives the same world.
    private func world(seed: UInt64) -> FrontierWorld {
        var random = SeededGenerator(seed: seed)
        var rules = HostRules(perHost: [nil, 1, 2, 8, 8].randomElement(using: &random) ?? 8)
        rules.rate = [nil, nil, 0.5, 3, 40].randomElement(using: &random) ?? nil
        rules.mostLines = [5, 50, 20_000].randomElement(using: &random) ?? 50
        rules.mostIdleHosts = [0, 3, 8_192].randomElement(using: &random) ?? 3
        var settings = RetrySettings()
        settings.retries = [0, 2, 2, 10].randomElement(using: &random) ?? 2
        rules.retries = settings.retries
        rules.patience = .seconds([0, 5, 60, 60].randomElement(using: &random) ?? 60)
        let hosts = (0..<Int.random(in: 1...20, using: &random)).map { _ in
            WorldHost(WorldHost.Manner.allCases.randomElement(using: &random) ?? .healthy, using: &random)
        }
        let lines = (0..<Int.random(in: 1...600, using: &random)).map { _ in
            (Int.random(in: 0..<hosts.count, using: &random), Int.random(in: 0..<10, using: &random) == 0)
        }
        let slots = [1, 4, 64].randomElement(using: &random) ?? 4
        return FrontierWorld(
            hosts: hosts,
            lines: lines,
            rules: rules,
            settings: settings,
            slots: slots,
            seed: seed
        )
    }

    @Test(arguments: 0..<10)
    func allRulesHoldUntilAllLinesHaveEnded(batch: UInt64) {
        for seed in batch * 30..<batch * 30 + 30 {
            var world = world(seed: seed)
            world.run()
        }
    }

    @Test(arguments: [64, 16])
    func aHostThatNeverRespondsCostsFiftyOtherHostsOneSlot(slots: Int) {
        var times: [Double] = []
        for hasDead in [false, true] {
            var random = SeededGenerator(seed: 7)
            var hosts = (0..<50).map { _ in WorldHost(.healthy, using: &random) }
            var lines = (0..<5_000).map { ($0 % 50, false) }
            if hasDead {
                hosts.append(WorldHost(.dead, using: &random))
                lines += (0..<100).map { _ in (50, false) }
            }
            lines.shuffle(using: &random)
            var world = FrontierWorld(
                hosts: hosts,
                lines: lines,
                rules: HostRules(perHost: 8),
                settings: RetrySettings(),
                slots: slots,
                seed: 1
            )
            world.run()
            times.append(Double(world.lastEnd[..<50].max() ?? 0))
        }
        // While the run waits for the dead host, this host takes one slot.
        #expect(times[1] / times[0] < 1.05 + 1 / Double(slots))
    }
}
