// SPDX-License-Identifier: MIT
// fetchpool

import Platform

@testable import Frontier

extension PoolTime {
    /// Returns the time `milliseconds` after the origin.
    static func at(_ milliseconds: Int) -> PoolTime { PoolTime(nanoseconds: milliseconds * 1_000_000) }

    /// The milliseconds since the origin, rounded up.
    var milliseconds: Int { (nanoseconds + 999_999) / 1_000_000 }
}

/// A generator that always returns the same number: 0 for the shortest random waits, `UInt64.max` for the
/// longest.
struct FixedChance: RandomNumberGenerator {
    var number: UInt64

    mutating func next() -> UInt64 { number }

    /// The generator for the shortest random waits.
    static let least = FixedChance(number: 0)
    /// The generator for the longest random waits.
    static let most = FixedChance(number: .max)
}
