// SPDX-License-Identifier: MIT
// fetchpool

/// An amount of memory.
public struct ByteCount: Hashable, Comparable, Sendable {
    /// The number of bytes.
    public var bytes: Int

    /// Creates an amount of `bytes` bytes.
    public init(bytes: Int) { self.bytes = bytes }

    /// Creates an amount of `count` units; an amount beyond the range of `Int` becomes `.max` or `.min`.
    private init(_ count: Int, _ unit: Int) {
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit)
        self.bytes = isTooLarge ? (count < 0 ? .min : .max) : bytes
    }

    /// Returns an amount of `count` KiB, 1,024 bytes each.
    public static func kibibytes(_ count: Int) -> Self { Self(count, 1 << 10) }

    /// Returns an amount of `count` MiB, 1,024 KiB each.
    public static func mebibytes(_ count: Int) -> Self { Self(count, 1 << 20) }

    /// Returns an amount of `count` GiB, 1,024 MiB each.
    public static func gibibytes(_ count: Int) -> Self { Self(count, 1 << 30) }

    /// Returns `true` if the left amount is smaller.
    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}
