// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport

/// The hosts behind the fetch workers, and how they answer.
struct VirtualNetwork {
    /// A host of the network.
    struct Host {
        /// The shortest and longest time to an answer, in nanoseconds.
        let latency: ClosedRange<Int>
    }

    private let hosts: [Host]

    init(_ random: inout SeededGenerator) {
        hosts = (0..<8).map { _ in
            let least = random.pick(20...400) * 1_000
            let most = random.oneIn(12) ? 700_000_000 : least + random.pick(1...3_000) * 1_000
            return Host(latency: least...most)
        }
    }

    /// What comes of a request that is made at `now`, and after how many nanoseconds.
    func ask(_ plan: LinePlan, at now: Int, _ random: inout SeededGenerator) -> (PlannedAnswer, Int) {
        let host = hosts[plan.host]
        // Slow hosts are slow now and then.
        let usual =
            host.latency.lowerBound...min(host.latency.upperBound, host.latency.lowerBound + 3_000_000)
        return (plan.answer, random.pick(random.oneIn(30) ? host.latency : usual))
    }
}
