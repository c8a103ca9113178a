// SPDX-License-Identifier: MIT
// fetchpool

/// A decoder of an encoding in which bytes under 0x80 stand for themselves wherever a character begins.
protocol LegacyDecoder {
    /// Decodes the character whose first byte, which is 0x80 or more, is at `position`.
    ///
    /// Returns its scalar, `replacementScalar` if the bytes do not fit, and where the next character begins.
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int)
}

extension LegacyDecoder {
    /// Returns the text as UTF-8.
    func decode(_ bytes: Span<UInt8>) -> [UInt8] {
        // Each character has a byte of 0x80 or more, and is at most three bytes long for that one, or four
        // for two bytes.
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
    /// Appends the ASCII bytes from `position` on, where one is, eight at most, and returns their number.
    ///
    /// Bounds of the unsafe code here: eight bytes are written only where there is room for them; those after
    /// the ASCII ones do not count and are written again.
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
