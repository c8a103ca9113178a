// SPDX-License-Identifier: MIT
// fetchpool

/// A random number generator with a seed, so that a failure can be repeated.
///
/// The algorithm is SplitMix64 (Steele, Lea, Flood 2014).
package struct SeededGenerator: RandomNumberGenerator {
    /// The state of the algorithm, which each call of `next` changes.
    @usableFromInline package var state: UInt64

    /// Creates a generator; the same seed gives the same numbers.
    @inlinable
    package init(seed: UInt64) {
        state = seed
    }

    /// Returns the next number.
    @inlinable
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns true once in `count` calls on average.
    @inlinable
    package mutating func oneIn(_ count: Int) -> Bool { next() % UInt64(count) == 0 }

    /// Returns a number in the range.
    @inlinable
    package mutating func pick(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// Returns one of the choices, which must not be empty.
    @inlinable
    package mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int(next() % UInt64(choices.count))]
    }
}
