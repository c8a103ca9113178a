// SPDX-License-Identifier: MIT
// fetchpool

extension Span<UInt8> {
    /// Returns the eight bytes from `position` on as a number, with the first byte as the lowest.
    ///
    /// All eight bytes must be within the span.
    ///
    /// The load checks its bounds, and is marked unsafe only because some types do not allow every bit
    /// pattern.
    @inline(__always)
    func word(at position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
}

/// A mask of the top bit of each byte of a word; a byte of ASCII has a top bit of 0.
let topBits: UInt64 = 0x8080_8080_8080_8080
