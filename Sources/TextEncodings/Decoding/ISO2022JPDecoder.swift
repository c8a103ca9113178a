// SPDX-License-Identifier: MIT
// fetchpool

/// The ISO-2022-JP decoder (Encoding Standard §12.2.1).
struct ISO2022JPDecoder {
    private enum State {
        case ascii, roman, katakana, jis0208
    }

    private let index = EncodingIndex.jis0208
    private var state = State.ascii
    /// True directly after a known escape sequence.
    ///
    /// A known escape sequence directly after another is an error, because such sequences could hide markup
    /// from a filter.
    private var isEmpty = false

    /// Returns the text as UTF-8.
    static func decode(_ bytes: Span<UInt8>) -> [UInt8] {
        var decoder = ISO2022JPDecoder()
        return [UInt8](capacity: 3 * bytes.count) { text in
            var position = 0
            while position < bytes.count {
                let (scalar, end) = decoder.character(at: position, in: bytes)
                if let scalar { text.append(scalar: scalar) }
                position = end
            }
        }
    }

    private mutating func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32?, end: Int) {
        let byte = bytes[position]
        if byte == 0x1B { return escape(at: position + 1, in: bytes) }
        isEmpty = false
        switch (state, byte) {
        case (.roman, 0x5C): return (0xA5, position + 1)
        case (.roman, 0x7E): return (0x203E, position + 1)
        case (.ascii, 0x0E), (.ascii, 0x0F), (.roman, 0x0E), (.roman, 0x0F):
            return (replacementScalar, position + 1)
        case (.ascii, ..<0x80), (.roman, ..<0x80): return (UInt32(byte), position + 1)
        case (.katakana, 0x21...0x5F): return (0xFF61 - 0x21 + UInt32(byte), position + 1)
        case (.jis0208, 0x21...0x7E): return trail(of: byte, at: position + 1, in: bytes)
        default: return (replacementScalar, position + 1)
        }
    }

    /// Reads the second byte of a character.
    ///
    /// If this byte is 0x1B, the character is an error, and decoding continues at this byte. A character
    /// without a second byte, or without a scalar in the index, is also an error.
    private func trail(of lead: UInt8, at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32?, end: Int)
    {
        guard position < bytes.count, bytes[position] != 0x1B else { return (replacementScalar, position) }
        let trail = bytes[position]
        let scalar = 0x21...0x7E ~= trail ? index[Int(lead - 0x21) * 94 + Int(trail - 0x21)] : 0
        return (scalar == 0 ? replacementScalar : scalar, position + 1)
    }

    /// Reads an escape sequence after its first byte.
    ///
    /// After an unknown sequence, decoding continues at its second byte.
    private mutating func escape(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32?, end: Int) {
        let next: State? =
            if position + 1 < bytes.count {
                switch (bytes[position], bytes[position + 1]) {
                case (0x28, 0x42): .ascii
                case (0x28, 0x4A): .roman
                case (0x28, 0x49): .katakana
                case (0x24, 0x40), (0x24, 0x42): .jis0208
                default: nil
                }
            } else { nil }
        guard let next else {
            isEmpty = false
            return (replacementScalar, position)
        }
        let isSecond = isEmpty
        (state, isEmpty) = (next, true)
        return (isSecond ? replacementScalar : nil, position + 2)
    }
}
