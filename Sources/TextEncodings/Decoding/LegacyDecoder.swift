// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder of an encoding in which a byte under 0x80 is an ASCII character, unless the byte is part of a
/// longer character.
protocol LegacyDecoder {
    /// Decodes the character that begins at `position` with a byte of 0x80 or more.
    ///
    /// Returns the scalar and the position of the next character. The scalar is `replacementScalar` if the
    /// bytes do not fit the encoding. In Big5, `scalar` can hold two scalars (`EncodingIndex.scalars`).
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int)
}

extension LegacyDecoder {
    /// Returns the text as UTF-8.
    func decode(_ bytes: Span<UInt8>) -> [UInt8] {
        // Each non-ASCII character begins with a byte of 0x80 or more. A character of one byte takes at most
        // three bytes of UTF-8, and a longer character takes at most four.
        var high = 0
        for index in 0..<bytes.count { high += Int(bytes[index] >> 7) }
        return [UInt8](capacity: bytes.count + 2 * high + 8) { text in
            var position = 0
            while position < bytes.count {
                if bytes[position] < 0x80 {
                    position += text.appendASCII(of: bytes, from: position)
                } else {
                    let (scalar, end) = character(at: position, in: bytes)
                    text.append(scalar: scalar)
                    position = end
                }
            }
        }
    }
}

extension OutputSpan<UInt8> {
    /// Appends one to eight ASCII bytes from `position` on, and returns their number.
    ///
    /// The byte at `position` must be ASCII.
    ///
    /// Bounds of the unsafe code here: eight bytes are written only if there is space for eight. `count`
    /// grows only by the number of ASCII bytes before the first non-ASCII byte.
    @inline(__always)
    fileprivate mutating func appendASCII(of bytes: Span<UInt8>, from position: Int) -> Int {
        guard position + 8 <= bytes.count, freeCapacity >= 8 else {
            append(bytes[position])
            return 1
        }
        let word = bytes.word(at: position)
        let length = (word & topBits).trailingZeroBitCount >> 3
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: word.littleEndian,
                toByteOffset: count,
                as: UInt64.self
            )
            count += length
        }
        return length
    }
}
