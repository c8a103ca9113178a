// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import SimulationSupport

/// The hosts behind the fetch workers, and how they answer.
struct VirtualNetwork {
    /// A host of the network.
    struct Host {
        /// The shortest and longest time to an answer, in nanoseconds.
        let latency: ClosedRange<Int>
        /// The time at which it gives no answer, in nanoseconds, and how requests fail then; `nil` for a host that always answers.
        let outage: (times: Range<Int>, fault: ErrorClass)?

        /// True if it never gives an answer.
        var isDead: Bool { outage?.times.upperBound == .max }
    }

    /// How requests fail to which nobody answers: at once, or after a while.
    static let faults: [ErrorClass] = [.connect, .dns, .reset, .timeoutTotal]
    /// In nanoseconds: the shortest that a task allows.
    private static let timeOut = 1_500_000_000

    let hosts: [Host]

    /// Hosts of which one in `outages` has an outage, or is dead.
    init(outages: Int, _ random: inout SeededGenerator) {
        hosts = (0..<8).map { _ in
            let least = random.pick(20...400) * 1_000
            let most = random.oneIn(12) ? 700_000_000 : least + random.pick(1...3_000) * 1_000
            guard random.oneIn(outages) else { return Host(latency: least...most, outage: nil) }
            let end = random.oneIn(2) ? Int.max : random.pick(1...25_000) * 1_000_000
            return Host(latency: least...most, outage: (0..<end, random.pick(Self.faults)))
        }
    }

    /// What comes of a request that is made at `now`, and after how many nanoseconds.
    func ask(_ plan: LinePlan, at now: Int, _ random: inout SeededGenerator) -> (PlannedAnswer, Int) {
        let host = hosts[plan.host]
        // Slow hosts are slow now and then.
        let usual =
            host.latency.lowerBound...min(host.latency.upperBound, host.latency.lowerBound + 3_000_000)
        let latency = random.pick(random.oneIn(30) ? host.latency : usual)
        guard let (times, fault) = host.outage, times.contains(now) else { return (plan.answer, latency) }
        return (.fault(fault), fault == .timeoutTotal ? Self.timeOut : latency)
    }
}
