// SPDX-License-Identifier: MIT
// fetchpool

extension TextEncoding {
    /// Decodes a whole text (Encoding Standard §6.1, "decode", without the check for a byte order mark).
    ///
    /// Returns valid UTF-8, with U+FFFD for bytes that do not fit the encoding.
    package func decode(_ bytes: [UInt8]) -> [UInt8] {
        let span = bytes.span
        return switch self {
        case .utf8: UTF8Decoder.decode(bytes)
        case .utf16BE: UTF16Decoder.decode(span, bigEndian: true)
        case .utf16LE: UTF16Decoder.decode(span, bigEndian: false)
        case .gbk, .gb18030: GB18030Decoder().decode(span)
        case .big5: Big5Decoder().decode(span)
        case .eucJP: EUCJPDecoder().decode(span)
        case .iso2022JP: ISO2022JPDecoder.decode(span)
        case .shiftJIS: ShiftJISDecoder().decode(span)
        case .eucKR: EUCKRDecoder().decode(span)
        // §14.1.1: an empty text stays empty.
        case .replacement: bytes.isEmpty ? [] : Array("\u{FFFD}".utf8)
        default: SingleByteDecoder(self)?.decode(span) ?? bytes
        }
    }

    /// True if the encoding decodes every ASCII text to itself.
    package var isASCIICompatible: Bool {
        switch self {
        case .utf16BE, .utf16LE, .iso2022JP, .replacement: false
        default: true
        }
    }
}
