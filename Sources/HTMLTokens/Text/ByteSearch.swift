// SPDX-License-Identifier: MIT
// fetchpool

/// Functions that search for a byte, and examine eight bytes at a time.
///
/// An XOR with the wanted byte turns equal bytes into zero.
///
/// Bounds of the unsafe code here: each load of eight bytes checks its bounds. Any eight bytes are a valid
/// number.
extension Span where Element == UInt8 {
    /// Returns the index of the first `byte` at or after `start`; the count if there is none.
    func index(of byte: UInt8, from start: Int) -> Int {
        let pattern = Self.everyByte &* UInt64(byte)
        var index = start
        while index &+ 8 <= count {
            let found = Self.zeros(eight(at: index) ^ pattern)
            if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count, self[index] != byte { index &+= 1 }
        return index
    }

    /// Returns the index of the first byte in `range` that is `first`, `second` or `third`; the range's end
    /// if there is none.
    func index(in range: Range<Int>, of first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
        let one = Self.everyByte &* UInt64(first)
        let two = Self.everyByte &* UInt64(second)
        let three = Self.everyByte &* UInt64(third)
        var index = range.lowerBound
        while index &+ 8 <= range.upperBound {
            let bytes = eight(at: index)
            let found = Self.zeros(bytes ^ one) | Self.zeros(bytes ^ two) | Self.zeros(bytes ^ three)
            if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < range.upperBound {
            let byte = self[index]
            if byte == first || byte == second || byte == third { break }
            index &+= 1
        }
        return index
    }

    private static var everyByte: UInt64 { 0x0101_0101_0101_0101 }

    @inline(__always)
    private func eight(at index: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Returns a number with the top bit set in each byte that is zero in `bytes` ("Bit Twiddling Hacks",
    /// haszero).
    ///
    /// Only the lowest set bit is reliable; a higher bit can also be set for a byte that is not zero.
    @inline(__always)
    private static func zeros(_ bytes: UInt64) -> UInt64 {
        (bytes &- everyByte) & ~bytes & 0x8080_8080_8080_8080
    }
}
