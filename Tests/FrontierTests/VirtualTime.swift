// SPDX-License-Identifier: MIT
// fetchpool

import Platform

@testable import Frontier

extension PoolTime {
    /// So many milliseconds after the origin.
    static func at(_ milliseconds: Int) -> PoolTime { PoolTime(nanoseconds: milliseconds * 1_000_000) }

    /// Milliseconds since the origin, rounded up.
    var milliseconds: Int { (nanoseconds + 999_999) / 1_000_000 }
}

/// Always the same number: 0 for the least that chance can bring, `UInt64.max` for the most.
struct FixedChance: RandomNumberGenerator {
    var number: UInt64

    mutating func next() -> UInt64 { number }

    /// Chance at its least.
    static let least = FixedChance(number: 0)
    /// Chance at its most.
    static let most = FixedChance(number: .max)
}
