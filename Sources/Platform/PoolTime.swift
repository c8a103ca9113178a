// SPDX-License-Identifier: MIT
// fetchpool

/// A point on a clock that only goes forward, in nanoseconds from an origin of the clock's own.
///
/// The pool's decisions are handed the time; they never ask for it. So a test or a simulation moves it by hand.
public struct PoolTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's origin.
    public var nanoseconds: Int

    /// A point `nanoseconds` after the origin.
    @inlinable public init(nanoseconds: Int) {
        self.nanoseconds = nanoseconds
    }

    /// Which of two points comes first.
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `milliseconds` after another.
    @inlinable public static func + (time: Self, milliseconds: Milliseconds) -> Self {
        Self(nanoseconds: time.nanoseconds + milliseconds.count * 1_000_000)
    }

    /// The time between two points, in nanoseconds.
    @inlinable public static func - (later: Self, earlier: Self) -> Int {
        later.nanoseconds - earlier.nanoseconds
    }

    /// A number of milliseconds.
    public struct Milliseconds: ExpressibleByIntegerLiteral, Hashable, Sendable {
        /// How many.
        public var count: Int

        /// So many milliseconds.
        @inlinable public init(integerLiteral value: Int) {
            count = value
        }

        /// So many milliseconds.
        @inlinable public init(_ count: Int) {
            self.count = count
        }
    }
}
