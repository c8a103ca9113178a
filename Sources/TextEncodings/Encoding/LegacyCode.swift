// SPDX-License-Identifier: MIT
// fetchpool

/// The bytes of a non-ASCII scalar in an encoding of the Encoding Standard's sections 10 to 13.
struct LegacyCode {
    /// The bytes as a number, with the first byte highest.
    private let number: UInt32
    private let count: Int

    private init(_ number: Int, count: Int) {
        (self.number, self.count) = (UInt32(number), count)
    }

    /// Creates the two bytes of `pointer`, in a table of rows with `columns` columns.
    ///
    /// The lead byte is the row plus `lead`. The trail byte is the column plus 0x40; from column 63 on, the
    /// column plus `high`.
    private init(_ pointer: Int, columns: Int, lead: Int = 0x81, high: Int) {
        let column = pointer % columns
        self.init((pointer / columns + lead) << 8 | column + (column < 0x3F ? 0x40 : high), count: 2)
    }

    /// Finds the bytes of `scalar`; `nil` if the encoding does not have the scalar.
    ///
    /// The result is also `nil` for ISO-2022-JP, which has its own encoder (`ISO2022JPEncoder`), and for
    /// encodings of other sections.
    init?(_ scalar: UInt32, in encoding: TextEncoding) {
        let code: LegacyCode? =
            switch encoding {
            case .gbk, .gb18030: Self.gb18030(scalar, isGBK: encoding == .gbk)
            case .big5: EncoderIndex.big5[scalar].map { LegacyCode($0, columns: 157, high: 0x62) }
            case .eucJP: Self.eucJP(scalar)
            case .shiftJIS: Self.shiftJIS(scalar)
            case .eucKR:
                EncoderIndex.eucKR[scalar].map {
                    LegacyCode(($0 / 190 + 0x81) << 8 | $0 % 190 + 0x41, count: 2)
                }
            default: nil
            }
        guard let code else { return nil }
        self = code
    }

    func append(to bytes: inout [UInt8]) {
        for index in (0..<count).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt32(index))))
        }
    }

    private static func gb18030(_ scalar: UInt32, isGBK: Bool) -> LegacyCode? {
        // The bytes of U+E5E5 would be 0xA3 0xA0, but the decoder maps these bytes to U+3000.
        if scalar == 0xE5E5 { return nil }
        if isGBK, scalar == 0x20AC { return LegacyCode(0x80, count: 1) }
        if let code = before2022[scalar] { return LegacyCode(code, count: 2) }
        if let pointer = EncoderIndex.gb18030[scalar] { return LegacyCode(pointer, columns: 190, high: 0x41) }
        if isGBK { return nil }
        let pointer = GB18030Ranges.pointer(of: scalar)
        let high = (pointer / 12_600 + 0x81) << 8 | pointer / 1260 % 10 + 0x30
        return LegacyCode(high << 16 | (pointer / 10 % 126 + 0x81) << 8 | pointer % 10 + 0x30, count: 4)
    }

    /// Private-use scalars that GB 18030 replaced in 2022, and the bytes that they keep (§10.2.2, table).
    private static let before2022: [UInt32: Int] = [
        0xE78D: 0xA6D9, 0xE78E: 0xA6DA, 0xE78F: 0xA6DB, 0xE790: 0xA6DC, 0xE791: 0xA6DD, 0xE792: 0xA6DE,
        0xE793: 0xA6DF,
        0xE794: 0xA6EC, 0xE795: 0xA6ED, 0xE796: 0xA6F3, 0xE81E: 0xFE59, 0xE826: 0xFE61, 0xE82B: 0xFE66,
        0xE82C: 0xFE67,
        0xE832: 0xFE6D, 0xE843: 0xFE7E, 0xE854: 0xFE90, 0xE864: 0xFEA0,
    ]

    private static func eucJP(_ scalar: UInt32) -> LegacyCode? {
        switch scalar {
        case 0xA5: LegacyCode(0x5C, count: 1)
        case 0x203E: LegacyCode(0x7E, count: 1)
        case 0xFF61...0xFF9F: LegacyCode(0x8E00 | Int(scalar - 0xFF61) + 0xA1, count: 2)
        default:
            EncoderIndex.jis0208[scalar == 0x2212 ? 0xFF0D : scalar].map {
                LegacyCode(($0 / 94 + 0xA1) << 8 | $0 % 94 + 0xA1, count: 2)
            }
        }
    }

    private static func shiftJIS(_ scalar: UInt32) -> LegacyCode? {
        switch scalar {
        case 0x80: LegacyCode(0x80, count: 1)
        case 0xA5: LegacyCode(0x5C, count: 1)
        case 0x203E: LegacyCode(0x7E, count: 1)
        case 0xFF61...0xFF9F: LegacyCode(Int(scalar - 0xFF61) + 0xA1, count: 1)
        default:
            EncoderIndex.shiftJIS[scalar == 0x2212 ? 0xFF0D : scalar].map {
                LegacyCode($0, columns: 188, lead: $0 / 188 < 0x1F ? 0x81 : 0xC1, high: 0x41)
            }
        }
    }
}
