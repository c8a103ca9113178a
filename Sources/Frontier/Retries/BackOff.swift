// SPDX-License-Identifier: MIT
// fetchpool

/// The constants and formulas for the waits of hosts and tasks.
enum BackOff {
    /// The initial back-off of a host, in nanoseconds.
    static let base = 500_000_000
    /// The longest back-off of a host, and the longest wait of a task without a `Retry-After`, in
    /// nanoseconds.
    static let cap = 60_000_000_000
    /// The first and the longest wait for a host that cannot be reached and has never responded, in
    /// nanoseconds.
    ///
    /// The waits are short, because all tasks of the host wait meanwhile.
    static let (shortBase, shortCap) = (100_000_000, 2_000_000_000)
    /// The lower bound of `HostSilence.Limits.failedConnections`, unless `HostRules.retries` is 0.
    static let failedConnections = 5
    /// The number of fetches in a row that reset a host's back-off, if each ends with `FetchEnd.good` or
    /// `FetchEnd.goodMultiplexed`.
    static let goodResponses = 10
    /// The number of requests in a row without a response after which a silent host gets one request at a
    /// time.
    static let silentRequests = 25

    /// Returns a random wait of up to `base` · 2^`retries`, at most `cap`, in nanoseconds (full jitter).
    static func fullJitter(retries: Int, using random: inout some RandomNumberGenerator) -> Int {
        let most = min(cap, base << min(max(retries, 0), 20))
        return byChance(upTo: most, using: &random)
    }

    /// Returns the wait for a host that cannot be reached and has never responded, in nanoseconds.
    ///
    /// `waits` is the number of waits for the host, including this wait.
    static func unreached(waits: Int) -> Int { min(shortCap, shortBase << min(max(waits - 1, 0), 20)) }

    /// Returns the sum of a server's `Retry-After` and a random time of up to `base`, in nanoseconds.
    ///
    /// With the random time, waits for the same `Retry-After` have different ends.
    static func named(seconds: Double, using random: inout some RandomNumberGenerator) -> Int {
        Int(seconds * 1e9) + byChance(upTo: base, using: &random)
    }

    /// Returns a random number from 0 to `most`.
    ///
    /// Each call takes exactly one number from the generator.
    private static func byChance(upTo most: Int, using random: inout some RandomNumberGenerator) -> Int {
        Int((Double(random.next() >> 11) * 0x1p-53 * Double(most)).rounded())
    }
}
