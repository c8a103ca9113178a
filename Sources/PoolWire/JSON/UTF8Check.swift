// SPDX-License-Identifier: MIT
// fetchpool

/// A check for valid UTF-8 (RFC 3629 §4): no overlong forms, no surrogates, nothing above U+10FFFF.
package enum UTF8Check {
    /// Returns the end of the multi-byte scalar that begins at `position`; `nil` if the scalar is not valid.
    ///
    /// A byte below 0x80 also gives `nil`, because the caller handles ASCII.
    package static func endOfScalar(at position: Int, in bytes: Span<UInt8>) -> Int? {
        let lead = bytes[position]
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { return nil }
        for index in position + 2..<position + max(length, 2) where bytes[index] & 0xC0 != 0x80 { return nil }
        return position + length
    }

    /// Returns `true` if the scalar at `position` is U+0085, U+2028 or U+2029 (`SingleLine`).
    ///
    /// The scalar must be valid and longer than one byte.
    @inline(__always)
    static func isLineBreak(at position: Int, in bytes: Span<UInt8>) -> Bool {
        if bytes[position] == 0xC2 { return bytes[position + 1] == 0x85 }
        return bytes[position] == 0xE2 && bytes[position + 1] == 0x80 && bytes[position + 2] & 0xFE == 0xA8
    }

    /// Returns the scalar at `position` if it ends lines (`isLineBreak`), controls a terminal (U+0080 to
    /// U+009F), or changes the order of text (the marks, embeddings, overrides and isolates of UAX #9);
    /// otherwise `nil`.
    ///
    /// The scalar must be valid and longer than one byte.
    package static func control(at position: Int, in bytes: Span<UInt8>) -> UInt16? {
        let second = bytes[position + 1]
        switch (bytes[position], second) {
        case (0xC2, ..<0xA0): return UInt16(second)
        case (0xD8, 0x9C): return 0x061C
        case (0xE2, 0x80), (0xE2, 0x81):
            let scalar = 0x2000 | UInt16(second & 1) << 6 | UInt16(bytes[position + 2] & 0x3F)
            switch scalar {
            case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return scalar
            default: return nil
            }
        default: return nil
        }
    }

    /// Returns `true` if `bytes` is valid UTF-8.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        firstFault(in: bytes) == nil
    }

    /// Returns the position of the first byte that begins no valid scalar; `nil` if `bytes` is valid UTF-8.
    package static func firstFault(in bytes: Span<UInt8>) -> Int? {
        var position = 0
        while position < bytes.count {
            if bytes[position] < 0x80 {
                position += 1
            } else {
                guard let next = endOfScalar(at: position, in: bytes) else { return position }
                position = next
            }
        }
        return nil
    }
}
