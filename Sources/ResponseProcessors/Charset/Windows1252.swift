// SPDX-License-Identifier: MIT
// fetchpool

/// windows-1252 as the Encoding standard defines it: every byte stands for a scalar.
enum Windows1252 {
    /// The scalars of the bytes 0x80 to 0x9F (Encoding standard, index-windows-1252); all others stand for themselves.
    private static let upper: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
        0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
        0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    /// The text as UTF-8, zero bytes as U+FFFD.
    static func decode(_ bytes: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case 0: append(0xFFFD, to: &text)
            case 1..<0x80: text.append(byte)
            case 0x80..<0xA0: append(upper[Int(byte) - 0x80], to: &text)
            default: append(UInt16(byte), to: &text)
            }
        }
        return text
    }

    private static func append(_ scalar: UInt16, to text: inout [UInt8]) {
        if scalar < 0x800 {
            text.append(0xC0 | UInt8(scalar >> 6))
        } else {
            text.append(0xE0 | UInt8(scalar >> 12))
            text.append(0x80 | UInt8(scalar >> 6 & 0x3F))
        }
        text.append(0x80 | UInt8(scalar & 0x3F))
    }
}
