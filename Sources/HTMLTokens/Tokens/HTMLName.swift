// SPDX-License-Identifier: MIT
// fetchpool

/// The name of a tag in lower case, as a number.
///
/// Names of up to eight bytes are exact. Longer names are hashed (FNV-1a), so two different long names can
/// have the same number.
package struct HTMLName: Sendable, Hashable {
    /// The bytes of a short name, with the last byte in the lowest bits.
    ///
    /// The key of a long name is its hash with the top bit set. No short name of ASCII bytes has this bit.
    package let key: UInt64

    /// Creates the name that no tag has.
    init() { key = 0 }

    /// Makes a name from its bytes, in any letter case.
    package init(_ bytes: Span<UInt8>) {
        self.init(bytes, 0..<bytes.count)
    }

    @inline(__always)
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        key = range.count <= 8 ? Self.packed(bytes, range) : Self.hash(bytes, range)
    }

    @inline(__always)
    private static func packed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var key: UInt64 = 0
        for index in range { key = key &<< 8 | UInt64(bytes[index].asciiLowercased) }
        return key
    }

    private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        // The offset basis and the prime of FNV-1a with 64 bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index].asciiLowercased)) &* 0x100_0000_01B3 }
        return hash | 1 << 63
    }
}
