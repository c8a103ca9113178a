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

/// The numbers behind waiting; they are the same for a host and for a task.
enum BackOff {
    /// The first wait, in nanoseconds; also the bound of what is added by chance to a time that a server named.
    static let base = 500_000_000
    /// The longest wait, in nanoseconds.
    static let cap = 60_000_000_000
    /// The first and the longest wait for a host that cannot be connected to or is not found, in nanoseconds.
    ///
    /// Whoever is there and says no does so at once, so little is gained by more; and while it lasts, all its lines wait.
    static let (shortBase, shortCap) = (100_000_000, 2_000_000_000)
    /// Failed connections in a row after which a host is given up.
    static let failedConnections = 5
    /// Good answers in a row after which a host is trusted as before.
    static let goodAnswers = 10
    /// Requests in a row without any answer after which a host is only probed.
    static let silentRequests = 25

    /// A wait by chance, up to `base` times two to the power of `retries`, or `cap`: full jitter, in nanoseconds.
    static func fullJitter(retries: Int, using random: inout some RandomNumberGenerator) -> Int {
        let most = min(cap, base << min(max(retries, 0), 20))
        return byChance(upTo: most, using: &random)
    }

    /// The wait for a host that cannot be connected to or is not found, after the given number of waits, this one included; in
    /// nanoseconds.
    static func unreached(waits: Int) -> Int { min(shortCap, shortBase << min(max(waits - 1, 0), 20)) }

    /// The time that a server named and a little by chance, so that not all come back at once; in nanoseconds.
    static func named(seconds: Double, using random: inout some RandomNumberGenerator) -> Int {
        Int(seconds * 1e9) + byChance(upTo: base, using: &random)
    }

    /// One number is taken for each wait, whatever it is, so that a run can be repeated from its seed.
    private static func byChance(upTo most: Int, using random: inout some RandomNumberGenerator) -> Int {
        Int((Double(random.next() >> 11) * 0x1p-53 * Double(most)).rounded())
    }
}
