// SPDX-License-Identifier: MIT
// fetchpool

/// The limits on the look-ups of host names that run at the same time.
///
/// A silent name server occupies the thread of a look-up for 10 s or longer, and the thread cannot be freed
/// earlier. So a slow look-up counts only against the limit on threads, and other names get further threads.
struct LookupLimits: Sendable {
    /// The largest number of look-ups that are not slow.
    ///
    /// With more look-ups, small name servers would lose queries: dnsmasq accepts 150 queries at a time, and
    /// a look-up sends two queries.
    var lookups: Int
    /// The largest number of threads.
    var threads: Int
    /// The time after which a look-up is slow, in milliseconds.
    var slowAfter = 1_000

    /// Creates limits with the given numbers.
    init(lookups: Int, threads: Int) { (self.lookups, self.threads) = (lookups, threads) }

    /// Creates the limits of a client with at most `concurrency` transfers at a time.
    ///
    /// A thread holds a descriptor. `ConnectionRoom` reserves a descriptor for each transfer, and enough
    /// other descriptors for the look-ups that no transfer waits for any more. The kernel's default for
    /// `pid_max` of proc(5) is at least 1,024 for each core. With one worker for each core, 512 threads in
    /// each worker are at most half of this default.
    init(concurrency: Int) {
        lookups = min(max(concurrency, 16), 64)
        threads = min(max(concurrency, 1), 416) + 96
    }
}
