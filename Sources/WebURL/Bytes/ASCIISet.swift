// SPDX-License-Identifier: MIT
// fetchpool

/// A set of bytes below 128.
package struct ASCIISet: Sendable {
    @usableFromInline var low: UInt64 = 0
    @usableFromInline var high: UInt64 = 0

    /// Creates the set of a text's characters, which must be ASCII.
    package init(_ characters: StaticString) {
        for byte in characters.description.utf8 { insert(byte) }
    }

    /// Creates the set of the bytes 0x21 to 0x7E without a text's characters.
    init(printableBut characters: StaticString) {
        for byte in 0x21..<0x7F as Range<UInt8> { insert(byte) }
        for byte in characters.description.utf8 { remove(byte) }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
    }

    private mutating func remove(_ byte: UInt8) {
        if byte < 64 { low &= ~(1 << UInt64(byte)) } else { high &= ~(1 << UInt64(byte & 63)) }
    }

    /// Returns true if the byte is in the set.
    @inlinable
    @inline(__always)
    package func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
}
