// SPDX-License-Identifier: MIT
// fetchpool

/// The decoder of UTF-16BE and UTF-16LE (Encoding Standard §14.2.1, "shared UTF-16 decoder").
enum UTF16Decoder {
    /// Returns the text as UTF-8.
    ///
    /// A surrogate without its other half becomes U+FFFD. A character that the end of the text cuts off also
    /// becomes U+FFFD.
    static func decode(_ bytes: Span<UInt8>, bigEndian: Bool) -> [UInt8] {
        // A unit of 16 bits takes at most three bytes of UTF-8.
        [UInt8](capacity: bytes.count / 2 * 3 + 3) { text in
            let end = bytes.count & ~1
            var position = 0
            while position < end {
                let unit = unit(at: position, in: bytes, bigEndian: bigEndian)
                position += 2
                if unit & 0xF800 != 0xD800 {
                    text.append(scalar: unit)
                } else if unit < 0xDC00, position < end,
                    case let trail = Self.unit(at: position, in: bytes, bigEndian: bigEndian),
                    trail & 0xFC00 == 0xDC00
                {
                    position += 2
                    text.append(scalar: 0x1_0000 + (unit & 0x3FF) << 10 + (trail & 0x3FF))
                } else {
                    text.append(scalar: replacementScalar)
                    // A high surrogate at the end, with or without an odd byte after it, is one error.
                    if unit < 0xDC00, position == end { return }
                }
            }
            if end < bytes.count { text.append(scalar: replacementScalar) }
        }
    }

    @inline(__always)
    private static func unit(at position: Int, in bytes: Span<UInt8>, bigEndian: Bool) -> UInt32 {
        let (first, second) = (UInt32(bytes[position]), UInt32(bytes[position + 1]))
        return bigEndian ? first << 8 | second : second << 8 | first
    }
}
