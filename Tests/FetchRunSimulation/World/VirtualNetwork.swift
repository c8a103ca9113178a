// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import SimulationSupport

/// The simulated hosts from which the workers fetch.
struct VirtualNetwork {
    /// A host of the network.
    struct Host {
        /// The shortest and longest time to a response or error, in nanoseconds.
        ///
        /// A timeout in an outage takes longer (`timeOut`).
        let latency: ClosedRange<Int>
        /// The range of times without responses, in nanoseconds, and the error of requests during that time;
        /// `nil` for a host without an outage.
        let outage: (times: Range<Int>, fault: ErrorClass)?

        /// True if the host never responds.
        var isDead: Bool { outage?.times.upperBound == .max }
    }

    /// The errors of the network that mean that no response came.
    ///
    /// The other errors of the network, `tls` and `tooLarge`, mean that the host has responded.
    static let faults: [ErrorClass] = [.connect, .dns, .reset, .timeoutTotal]
    /// The delay of a timeout in an outage, in nanoseconds.
    ///
    /// It equals the shortest time limit of a task, `timeout_s` of `LinePlan.Kind.getObject`.
    private static let timeOut = 1_500_000_000

    let hosts: [Host]

    /// Creates eight hosts; on average, one in `outages` has an outage, which may last for ever.
    init(outages: Int, _ random: inout SeededGenerator) {
        hosts = (0..<8).map { _ in
            let least = random.pick(20...400) * 1_000
            let most = random.oneIn(12) ? 700_000_000 : least + random.pick(1...3_000) * 1_000
            guard random.oneIn(outages) else { return Host(latency: least...most, outage: nil) }
            let end = random.oneIn(2) ? Int.max : random.pick(1...25_000) * 1_000_000
            return Host(latency: least...most, outage: (0..<end, random.pick(Self.faults)))
        }
    }

    /// Returns the response or error for a request made at `now`, and the delay of the response or error in
    /// nanoseconds.
    func ask(_ plan: LinePlan, at now: Int, _ random: inout SeededGenerator) -> (PlannedResult, Int) {
        let host = hosts[plan.host]
        // On average, at most one in 30 latencies is over 3 ms above the shortest latency of its host.
        let usual =
            host.latency.lowerBound...min(host.latency.upperBound, host.latency.lowerBound + 3_000_000)
        let latency = random.pick(random.oneIn(30) ? host.latency : usual)
        guard let (times, fault) = host.outage, times.contains(now) else { return (plan.result, latency) }
        return (.fault(fault), fault == .timeoutTotal ? Self.timeOut : latency)
    }
}
