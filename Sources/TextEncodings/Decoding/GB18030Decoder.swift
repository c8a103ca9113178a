// SPDX-License-Identifier: MIT
// fetchpool

/// The decoder of gb18030 and GBK (Encoding Standard §10.2.1).
struct GB18030Decoder: LegacyDecoder {
    private let index = EncodingIndex.gb18030

    @inline(__always)
    func character(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        let lead = bytes[position]
        if lead == 0x80 { return (0x20AC, position + 1) }
        guard lead <= 0xFE, position + 1 < bytes.count else { return (replacementScalar, position + 1) }
        let second = bytes[position + 1]
        switch second {
        case 0x30...0x39: return fourBytes(at: position, in: bytes)
        case 0x40...0x7E, 0x80...0xFE:
            return (index[Int(lead - 0x81) * 190 + Int(second - (second < 0x7F ? 0x40 : 0x41))], position + 2)
        default: return (replacementScalar, second < 0x80 ? position + 1 : position + 2)
        }
    }

    /// Decodes four bytes, of which the first two are valid.
    ///
    /// If the third or fourth byte is not valid, only the first byte is the error, and decoding continues at
    /// the second byte. If the text ends too early, all remaining bytes are one error. Four valid bytes that
    /// stand for no scalar are also one error.
    private func fourBytes(at position: Int, in bytes: Span<UInt8>) -> (scalar: UInt32, end: Int) {
        guard position + 2 < bytes.count else { return (replacementScalar, bytes.count) }
        let third = bytes[position + 2]
        guard 0x81...0xFE ~= third else { return (replacementScalar, position + 1) }
        guard position + 3 < bytes.count else { return (replacementScalar, bytes.count) }
        let fourth = bytes[position + 3]
        guard 0x30...0x39 ~= fourth else { return (replacementScalar, position + 1) }
        let high = Int(bytes[position] - 0x81) * 10 + Int(bytes[position + 1] - 0x30)
        let scalar = GB18030Ranges.scalar(at: (high * 126 + Int(third - 0x81)) * 10 + Int(fourth - 0x30))
        return (scalar == 0 ? replacementScalar : scalar, position + 4)
    }
}
