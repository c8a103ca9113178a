// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// What may be asked of one host, and how much of the input may wait for hosts.
package struct HostRules: Hashable, Sendable {
    /// Fetches in flight to one host, over all workers; `nil` for no limit.
    ///
    /// Without one a new host is not approached slowly either; what a host itself asks for is still heeded.
    package var perHost: Int?
    /// Fetches begun a second to one host, positive; `nil` for no limit.
    package var rate: Double?
    /// The most lines that are read ahead because hosts hold up what was read before.
    package var mostLines = 20_000
    /// The most memory of those lines, in bytes.
    package var mostBytes = 64 << 20
    /// All waiting for a host that gives no answer, in sum.
    package var patience: Duration = .seconds(60)
    /// Further fetches of a task after a failure; with 0 hosts are not probed either.
    package var retries = 2
    /// Whether there is a limit at all.
    package var limitsHosts: Bool { perHost != nil || rate != nil }
    /// Hosts that are remembered although nothing of theirs waits or is in flight.
    package var mostIdleHosts = 8_192

    /// The defaults but for the limits of each host.
    package init(perHost: Int? = nil, rate: Double? = nil) {
        (self.perHost, self.rate) = (perHost, rate)
    }

    /// What the rules say of hosts that give no answer.
    var silence: HostSilence.Limits {
        // Whoever wants more tries gets more of them before a host is given up.
        let connections = retries == 0 ? 0 : max(BackOff.failedConnections, min(retries, 1_000) + 1)
        let (seconds, attoseconds) = patience.components
        let nanoseconds = Int(min(seconds, 1_000_000_000)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return HostSilence.Limits(patience: nanoseconds, failedConnections: Int32(connections))
    }
}
