// SPDX-License-Identifier: MIT
// fetchpool

extension Span<UInt8> {
    /// The eight bytes from `position` on, which must be within the span, the first one lowest.
    ///
    /// The load checks its bounds itself; it is called unsafe for types of which not every bit pattern is a
    /// value.
    @inline(__always)
    func word(at position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
}

/// The top bit of each of eight bytes.
let topBits: UInt64 = 0x8080_8080_8080_8080
