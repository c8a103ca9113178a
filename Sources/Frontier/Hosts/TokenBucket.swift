// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// Spaces what begins, in the form of a virtual schedule (GCRA, ITU-T I.371): one number in place of a count of tokens.
///
/// One may begin at once; what is not used adds up, to one second's worth at most.
struct TokenBucket: Hashable, Sendable {
    /// Nanoseconds between two.
    private let interval: Int
    /// How far ahead of the schedule one may begin, in nanoseconds.
    private let tolerance: Int
    /// When the next would begin if all were evenly spaced, and none had been left out; in nanoseconds.
    private var schedule: Int

    /// A bucket for `rate` a second, which is positive.
    init(rate: Double, at now: PoolTime) {
        // A rate so low that no run lasts until the second one is a rate all the same.
        interval = Int(min(1e9 / rate, 1e18).rounded(.up))
        tolerance = max(0, 1_000_000_000 - interval)
        schedule = now.nanoseconds + tolerance
    }

    /// When the next may begin.
    var opens: PoolTime { PoolTime(nanoseconds: schedule - tolerance) }

    /// Counts one that begins.
    mutating func take(at now: PoolTime) {
        schedule = max(schedule, now.nanoseconds) + interval
    }
}
