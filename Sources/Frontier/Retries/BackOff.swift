// SPDX-License-Identifier: MIT
// fetchpool

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
