// SPDX-License-Identifier: MIT
// fetchpool

/// A point in time on a clock that only goes forward, in nanoseconds since the clock's origin.
///
/// The functions that make the pool's decisions get the time as an argument, so a test can set the time.
public struct PoolTime: Comparable, Hashable, Sendable {
    /// The number of nanoseconds since the clock's origin.
    public var nanoseconds: Int

    /// Creates a point `nanoseconds` after the origin.
    @inlinable public init(nanoseconds: Int) {
        self.nanoseconds = nanoseconds
    }

    /// Returns `true` if the left point is earlier.
    @inlinable public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Returns the point `milliseconds` after `time`; more than 100 years count as 100 years.
    ///
    /// Without this limit, the result could exceed 64 bits, because users can ask for very long times.
    @inlinable public static func + (time: Self, milliseconds: Milliseconds) -> Self {
        Self(nanoseconds: time.nanoseconds + min(milliseconds.count, Milliseconds.mostAdded) * 1_000_000)
    }

    /// Returns the time between two points, in nanoseconds.
    @inlinable public static func - (later: Self, earlier: Self) -> Int {
        later.nanoseconds - earlier.nanoseconds
    }

    /// A number of milliseconds.
    public struct Milliseconds: ExpressibleByIntegerLiteral, Hashable, Sendable {
        /// The number of milliseconds.
        public var count: Int

        /// The longest time that `+` adds to a point: 100 years.
        @usableFromInline static let mostAdded = 3_155_760_000_000

        /// Creates a number of milliseconds.
        @inlinable public init(integerLiteral value: Int) {
            count = value
        }

        /// Creates a number of milliseconds.
        @inlinable public init(_ count: Int) {
            self.count = count
        }
    }
}
