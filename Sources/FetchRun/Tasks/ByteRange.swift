// SPDX-License-Identifier: MIT
// fetchpool

/// Where bytes lie in a line, in half the room of a `Range<Int>`; no line is as long as that.
struct ByteRange: Hashable, Sendable {
    /// The first byte's place.
    var start: UInt32 = 0
    /// How many they are; 0 where there is nothing.
    var count: UInt32 = 0

    /// Nothing.
    init() {}

    /// The bytes of a range within a line.
    init(_ range: Range<Int>) {
        (start, count) = (UInt32(range.lowerBound), UInt32(range.count))
    }

    /// Whether there is nothing.
    var isEmpty: Bool { count == 0 }

    /// The same as a range.
    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
