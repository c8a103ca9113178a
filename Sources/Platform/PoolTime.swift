// SPDX-License-Identifier: MIT
// fetchpool

/// A point on a clock that only goes forward, in nanoseconds from an origin of the clock's own.
///
/// The pool's decisions are handed the time; they never ask for it. So a test or a simulation moves it by hand.
package struct PoolTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's origin.
    package var nanoseconds: Int

    /// A point `nanoseconds` after the origin.
    @inlinable package init(nanoseconds: Int) {
        self.nanoseconds = nanoseconds
    }

    /// Which of two points comes first.
    @inlinable package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `milliseconds` after another.
    @inlinable package static func + (time: Self, milliseconds: Milliseconds) -> Self {
        Self(nanoseconds: time.nanoseconds + milliseconds.count * 1_000_000)
    }

    /// The time between two points, in nanoseconds.
    @inlinable package static func - (later: Self, earlier: Self) -> Int {
        later.nanoseconds - earlier.nanoseconds
    }

    /// A number of milliseconds.
    package struct Milliseconds: ExpressibleByIntegerLiteral, Hashable, Sendable {
        /// How many.
        package var count: Int

        /// So many milliseconds.
        @inlinable package init(integerLiteral value: Int) {
            count = value
        }

        /// So many milliseconds.
        @inlinable package init(_ count: Int) {
            self.count = count
        }
    }
}
