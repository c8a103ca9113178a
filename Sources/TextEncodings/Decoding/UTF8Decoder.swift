// SPDX-License-Identifier: MIT
// fetchpool

/// The UTF-8 decoder (Encoding Standard §8.1.1).
enum UTF8Decoder {
    /// Returns the text, with one U+FFFD for each maximal subpart of an invalid sequence (Unicode Standard
    /// §3.9).
    ///
    /// Valid text is not copied.
    static func decode(_ bytes: [UInt8]) -> [UInt8] {
        let span = bytes.span
        var fault = firstFault(in: span, from: 0)
        guard fault < span.count else { return bytes }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        var position = 0
        while fault < span.count {
            text.append(contentsOf: bytes[position..<fault])
            text.append(contentsOf: "\u{FFFD}".utf8)
            position = sequence(at: fault, in: span).end
            fault = firstFault(in: span, from: position)
        }
        text.append(contentsOf: bytes[position...])
        return text
    }

    /// Returns the position of the first invalid sequence at or after `start`; `bytes.count` if there is
    /// none.
    ///
    /// `start` must be the beginning of a sequence.
    static func firstFault(in bytes: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < bytes.count {
            if position + 32 <= bytes.count {
                let high =
                    bytes.word(at: position) | bytes.word(at: position + 8) | bytes.word(at: position + 16)
                    | bytes.word(at: position + 24)
                if high & topBits == 0 {
                    position += 32
                    continue
                }
            }
            let blockEnd = min(position + 32, bytes.count)
            while position < blockEnd {
                if bytes[position] < 0x80 {
                    position += 1
                } else {
                    let (end, isValid) = sequence(at: position, in: bytes)
                    guard isValid else { return position }
                    position = end
                }
            }
        }
        return position
    }

    /// Reads the sequence that begins at `position` with a byte of 0x80 or more.
    ///
    /// An invalid sequence is a maximal subpart: the longest part that can begin a valid sequence, or one
    /// byte if no valid sequence begins with this byte.
    @inline(__always)
    private static func sequence(at position: Int, in bytes: Span<UInt8>) -> (end: Int, isValid: Bool) {
        let lead = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { second = 0xA0...0xBF } else if lead == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { second = 0x90...0xBF } else if lead == 0xF4 { second = 0x80...0x8F }
        default: return (position + 1, false)
        }
        let end = position + length
        guard position + 1 < bytes.count, second ~= bytes[position + 1] else { return (position + 1, false) }
        var next = position + 2
        while next < end {
            guard next < bytes.count, bytes[next] & 0xC0 == 0x80 else { return (next, false) }
            next += 1
        }
        return (end, true)
    }
}
