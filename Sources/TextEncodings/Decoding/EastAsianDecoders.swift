// SPDX-License-Identifier: MIT
// fetchpool

// Decoders of East Asian encodings. An invalid character is one error. If the character's last byte is
// ASCII, this byte is not part of the error and is decoded separately.

/// The EUC-KR decoder (Encoding Standard §13.1.1).
struct EUCKRDecoder: LegacyDecoder {
    private let index = EncodingIndex.eucKR

    @inline(__always)
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        let lead = bytes[position]
        guard 0x81...0xFE ~= lead, position + 1 < bytes.count else {
            return (replacementScalar, position + 1)
        }
        let trail = bytes[position + 1]
        let scalar = 0x41...0xFE ~= trail ? index[Int(lead - 0x81) * 190 + Int(trail - 0x41)] : 0
        return twoBytes(scalar, trail, position)
    }
}

/// The Big5 decoder (Encoding Standard §11.1.1).
struct Big5Decoder: LegacyDecoder {
    private let index = EncodingIndex.big5

    @inline(__always)
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        let lead = bytes[position]
        guard 0x81...0xFE ~= lead, position + 1 < bytes.count else {
            return (replacementScalar, position + 1)
        }
        let trail = bytes[position + 1]
        var scalar: UInt32 = 0
        if 0x40...0x7E ~= trail || 0xA1...0xFE ~= trail {
            scalar = index[Int(lead - 0x81) * 157 + Int(trail - (trail < 0x7F ? 0x40 : 0x62))]
        }
        return twoBytes(scalar, trail, position)
    }
}

/// The Shift_JIS decoder (Encoding Standard §12.3.1).
struct ShiftJISDecoder: LegacyDecoder {
    private let index = EncodingIndex.jis0208

    @inline(__always)
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        let lead = bytes[position]
        switch lead {
        case 0x80: return (0x80, position + 1)
        case 0xA1...0xDF: return (0xFF61 - 0xA1 + UInt32(lead), position + 1)
        case 0x81...0x9F, 0xE0...0xFC: break
        default: return (replacementScalar, position + 1)
        }
        guard position + 1 < bytes.count else { return (replacementScalar, position + 1) }
        let trail = bytes[position + 1]
        var scalar: UInt32 = 0
        if 0x40...0x7E ~= trail || 0x80...0xFC ~= trail {
            let row = Int(lead - (lead < 0xA0 ? 0x81 : 0xC1))
            let pointer = row * 188 + Int(trail - (trail < 0x7F ? 0x40 : 0x41))
            // User-defined characters are private-use characters, as on Windows.
            scalar = 8836...10_715 ~= pointer ? UInt32(0xE000 - 8836 + pointer) : index[pointer]
        }
        return twoBytes(scalar, trail, position)
    }
}

/// The EUC-JP decoder (Encoding Standard §12.1.1).
struct EUCJPDecoder: LegacyDecoder {
    private let jis0208 = EncodingIndex.jis0208
    private let jis0212 = EncodingIndex.jis0212

    @inline(__always)
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        let lead = bytes[position]
        guard lead == 0x8E || lead == 0x8F || 0xA1...0xFE ~= lead, position + 1 < bytes.count else {
            return (replacementScalar, position + 1)
        }
        let trail = bytes[position + 1]
        guard 0xA1...0xFE ~= trail else { return twoBytes(0, trail, position) }
        switch lead {
        case 0x8E: return twoBytes(trail <= 0xDF ? 0xFF61 - 0xA1 + UInt32(trail) : 0, trail, position)
        case 0x8F:
            guard position + 2 < bytes.count else { return (replacementScalar, position + 2) }
            let last = bytes[position + 2]
            let scalar = 0xA1...0xFE ~= last ? jis0212[Int(trail - 0xA1) * 94 + Int(last - 0xA1)] : 0
            return twoBytes(scalar, last, position + 1)
        default: return twoBytes(jis0208[Int(lead - 0xA1) * 94 + Int(trail - 0xA1)], trail, position)
        }
    }
}

/// Returns the result for a character whose last two bytes begin at `position`; the last byte is `trail`.
///
/// A scalar of 0 becomes an error.
@inline(__always)
private func twoBytes(_ scalar: UInt32, _ trail: UInt8, _ position: Int) -> (scalar: UInt32, end: Int) {
    guard scalar == 0 else { return (scalar, position + 2) }
    return (replacementScalar, trail < 0x80 ? position + 1 : position + 2)
}
