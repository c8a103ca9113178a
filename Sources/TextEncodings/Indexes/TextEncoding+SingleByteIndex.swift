// SPDX-License-Identifier: MIT
// fetchpool

extension TextEncoding {
    /// The scalars of the bytes from 0x80 on, with 0 for a byte without a scalar.
    ///
    /// The value is `nil` if the encoding does not have one byte per character.
    var highScalars: [UInt32]? {
        // x-user-defined needs no index (Encoding Standard §14.5).
        if self == .xUserDefined { return Array(0xF780...0xF7FF) }
        return singleByteIndex.map { EncodingIndex($0).scalars }
    }

    /// The index of a single-byte encoding (Encoding Standard §9); `nil` for all other encodings.
    private var singleByteIndex: String? {
        switch self {
        case .ibm866: IndexText.ibm866
        case .iso8859Part2: IndexText.iso8859Part2
        case .iso8859Part3: IndexText.iso8859Part3
        case .iso8859Part4: IndexText.iso8859Part4
        case .iso8859Part5: IndexText.iso8859Part5
        case .iso8859Part6: IndexText.iso8859Part6
        case .iso8859Part7: IndexText.iso8859Part7
        case .iso8859Part8, .iso8859Part8I: IndexText.iso8859Part8
        case .iso8859Part10: IndexText.iso8859Part10
        case .iso8859Part13: IndexText.iso8859Part13
        case .iso8859Part14: IndexText.iso8859Part14
        case .iso8859Part15: IndexText.iso8859Part15
        case .iso8859Part16: IndexText.iso8859Part16
        case .koi8R: IndexText.koi8R
        case .koi8U: IndexText.koi8U
        case .macintosh: IndexText.macintosh
        case .windows874: IndexText.windows874
        case .windows1250: IndexText.windows1250
        case .windows1251: IndexText.windows1251
        case .windows1252: IndexText.windows1252
        case .windows1253: IndexText.windows1253
        case .windows1254: IndexText.windows1254
        case .windows1255: IndexText.windows1255
        case .windows1256: IndexText.windows1256
        case .windows1257: IndexText.windows1257
        case .windows1258: IndexText.windows1258
        case .macCyrillic: IndexText.macCyrillic
        case .utf8, .gbk, .gb18030, .big5, .eucJP, .iso2022JP, .shiftJIS, .eucKR, .replacement, .utf16BE,
            .utf16LE,
            .xUserDefined:
            nil
        }
    }
}
