// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A rate limit in the form of a virtual schedule (GCRA, ITU-T I.371).
///
/// A new bucket allows one fetch. Unused capacity accumulates up to the fetches of one second, but at least
/// to one fetch.
struct TokenBucket: Hashable, Sendable {
    /// The nanoseconds between two scheduled fetches.
    private let interval: Int
    /// The longest time that a fetch may be ahead of the schedule, in nanoseconds.
    private let tolerance: Int
    /// The scheduled time of the next fetch, in nanoseconds.
    private var schedule: Int

    /// Creates a bucket for `rate` fetches per second; `rate` is positive.
    init(rate: Double, at now: PoolTime) {
        // The bound of 1e18 ns keeps the interval of a very low rate within `Int`.
        interval = Int(min(1e9 / rate, 1e18).rounded(.up))
        tolerance = max(0, 1_000_000_000 - interval)
        schedule = now.nanoseconds + tolerance
    }

    /// The time at which the next fetch may begin.
    var opens: PoolTime { PoolTime(nanoseconds: schedule - tolerance) }

    /// Counts a fetch that begins.
    mutating func take(at now: PoolTime) {
        schedule = max(schedule, now.nanoseconds) + interval
    }
}
