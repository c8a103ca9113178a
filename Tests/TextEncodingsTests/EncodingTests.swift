// SPDX-License-Identifier: MIT
// fetchpool

import Testing
import TextEncodings

/// Tests of encoders, which the queries of URLs need (URL Standard §1.3, "percent-encode after encoding").
struct EncodingTests {
    /// Encodes `text`, and percent-encodes all bytes except ASCII letters and digits.
    private func url(_ text: String, _ encoding: TextEncoding) -> String {
        var url: [UInt8] = []
        encoding.percentEncode(text.unicodeScalars, to: &url) { byte in
            !(0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte)
        }
        return String(decoding: url, as: UTF8.self)
    }

    @Test(
        arguments: [
            ("привет", .windows1251, "%EF%F0%E8%E2%E5%F2"), ("é€", .windows1252, "%E9%80"),
            ("ü", .utf8, "%C3%BC"),
            ("日本", .shiftJIS, "%93%FA%96%7B"), ("¥‾ｱ−", .shiftJIS, "%5C%7E%B1%81%7C"),
            ("髙∵", .shiftJIS, "%FB%FC%81%E6"),
            ("日本ｱ¥", .eucJP, "%C6%FC%CB%DC%8E%B1%5C"), ("中€", .gbk, "%D6%D0%80"), ("€", .gb18030, "%A2%E3"),
            ("😀", .gb18030, "%949%FC6"), ("龴\u{E81E}", .gbk, "%FEY%FEY"), ("中十", .big5, "%A4%A4%A4Q"),
            ("═", .big5, "%F9%F9"),
            ("한갂", .eucKR, "%C7%D1%81A"), ("\u{F780}", .xUserDefined, "%80"),
            ("שלום", .iso8859Part8I, "%F9%EC%E5%ED"),
        ] as [(String, TextEncoding, String)]
    )
    func scalarsBecomeBytesOfTheEncoding(text: String, encoding: TextEncoding, expected: String) {
        #expect(url(text, encoding) == expected)
    }

    @Test(
        arguments: [
            ("日", .windows1252, "%26%2326085%3B"), ("a😀b", .windows1251, "a%26%23128512%3Bb"),
            ("€", .big5, "%A3%E1"),
            ("😀", .gbk, "%26%23128512%3B"), ("\u{E5E5}", .gb18030, "%26%2358853%3B"),
            ("㐆", .big5, "%26%2313318%3B"),
            ("丂", .eucJP, "%26%2319970%3B"), ("\u{81}", .windows1252, "%81"),
        ] as [(String, TextEncoding, String)]
    )
    func onlyScalarsThatAnEncodingLacksAreReferences(text: String, encoding: TextEncoding, expected: String) {
        #expect(url(text, encoding) == expected)
    }

    @Test(arguments: [.utf16LE, .utf16BE, .replacement] as [TextEncoding])
    func encodingsWithoutAnEncoderAreWrittenAsUTF8(encoding: TextEncoding) {
        #expect(encoding.output == .utf8)
        #expect(url("é", encoding) == "%C3%A9")
    }

    @Test func escapeSequencesSwitchSetsInISO2022JP() {
        #expect(url("日a", .iso2022JP) == "%1B%24BF%7C%1B%28Ba")
        #expect(url("¥", .iso2022JP) == "%1B%28J%5C%1B%28B")
        #expect(url("¥a\\", .iso2022JP) == "%1B%28J%5Ca%1B%28B%5C")
        #expect(url("ｱ", .iso2022JP) == "%1B%24B%25%22%1B%28B")
        #expect(url("日é", .iso2022JP) == "%1B%24BF%7C%1B%28B%26%23233%3B")
        #expect(url("\u{1B}", .iso2022JP) == "%26%2365533%3B")
    }

    /// The test checks every seventh scalar from U+0080 to U+FFFF, except U+00A5, U+203E, U+2212 and the
    /// private-use scalars.
    ///
    /// Some encoders write the excepted scalars as bytes that are decoded to other scalars (Encoding Standard
    /// §10.2.2, §12.1.2 and §12.3.2).
    @Test(arguments: TextEncoding.allCases.filter { $0.output == $0 && $0 != .iso2022JP })
    func encodedTextDecodesToItself(encoding: TextEncoding) {
        var encoder = TextEncoder(encoding)
        let others: [UInt32] = [0xA5, 0x203E, 0x2212]
        for value in (0x80...0xFFFF as ClosedRange<UInt32>) where value % 7 == 0 && !others.contains(value) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var bytes: [UInt8] = []
            if encoder.append(scalar, to: &bytes) == nil {
                let decoded = encoding.decode(bytes)
                let isGivenUp = 0xE000...0xF8FF ~= value
                #expect(isGivenUp || decoded == Array(String(scalar).utf8), "U+\(String(value, radix: 16))")
            } else {
                #expect(bytes.isEmpty)
            }
        }
    }
}
