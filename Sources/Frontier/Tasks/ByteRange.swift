// SPDX-License-Identifier: MIT
// fetchpool

/// Where bytes lie in a line, in half the room of a `Range<Int>`; no line is as long as that.
package struct ByteRange: Hashable, Sendable {
    /// The first byte's place.
    package var start: UInt32 = 0
    /// How many they are; 0 where there is nothing.
    package var count: UInt32 = 0

    /// Nothing.
    package init() {}

    /// The bytes of a range within a line.
    package init(_ range: Range<Int>) {
        (start, count) = (UInt32(range.lowerBound), UInt32(range.count))
    }

    /// Whether there is nothing.
    package var isEmpty: Bool { count == 0 }

    /// The same as a range.
    package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
