// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The limits for requests to one host, and for the input that waits for hosts.
package struct HostRules: Hashable, Sendable {
    /// The largest number of fetches in flight to one host, over all workers; `nil` for no limit.
    ///
    /// Even with `nil`, a host can get a limit after it asks for a pause or gives no response.
    package var perHost: Int?
    /// The largest average number of fetches to one host that begin per second; `nil` for no limit.
    ///
    /// The number is positive.
    package var rate: Double?
    /// The number of waiting lines at which no more input is read ahead.
    package var mostLines = 20_000
    /// The memory of the waiting lines, in bytes, at which no more input is read ahead.
    package var mostBytes = 64 << 20
    /// The longest total time that the run waits for a host that gives no response.
    package var patience: Duration = .seconds(60)
    /// The largest number of retries of one task.
    ///
    /// With 0, a host that gives no response is not probed before it is given up (`HostSilence`).
    package var retries = 2
    /// True if there is a limit per host.
    package var limitsHosts: Bool { perHost != nil || rate != nil }
    /// The number of idle hosts above which idle hosts at rest (`HostState.isAtRest`) are forgotten.
    ///
    /// An idle host has no task that waits or is in flight.
    package var mostIdleHosts = 8_192

    /// Creates the default rules with the given limits per host.
    package init(perHost: Int? = nil, rate: Double? = nil) {
        (self.perHost, self.rate) = (perHost, rate)
    }

    /// The limits for hosts that give no response.
    var silence: HostSilence.Limits {
        // The limit for failed connections is the largest number of fetches of one task, but at least
        // `BackOff.failedConnections`. Without retries, only the patience counts.
        let connections = retries == 0 ? 0 : max(BackOff.failedConnections, min(retries, 1_000) + 1)
        let (seconds, attoseconds) = patience.components
        let nanoseconds = Int(min(seconds, 1_000_000_000)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return HostSilence.Limits(patience: nanoseconds, failedConnections: Int32(connections))
    }
}
