// SPDX-License-Identifier: MIT
// fetchpool

import Testing
import TextEncodings

/// Tests decoders with valid and invalid bytes (Encoding Standard §8 to §14).
struct DecodingTests {
    private func text(_ bytes: [UInt8], _ encoding: TextEncoding) -> String {
        String(decoding: encoding.decode(bytes), as: UTF8.self)
    }

    @Test(
        arguments: [
            ([0x80, 0x81, 0xA0, 0xE9], .windows1252, "€\u{81}\u{A0}é"), ([0x98], .windows1251, "\u{98}"),
            ([0xF9, 0xEC, 0xE5, 0xED], .iso8859Part8I, "שלום"), ([0xA1], .iso8859Part8, "\u{FFFD}"),
            ([0xCF, 0xF0], .windows1251, "Пр"),
            ([0xA1, 0xDB, 0xDC, 0xFF], .windows874, "ก\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0x41, 0x80, 0xFF], .xUserDefined, "A\u{F780}\u{F7FF}"),
        ] as [([UInt8], TextEncoding, String)]
    )
    func oneByteIsOneCharacter(bytes: [UInt8], encoding: TextEncoding, expected: String) {
        #expect(text(bytes, encoding) == expected)
    }

    @Test(
        arguments: [
            ([0xAD, 0xA1, 0xC6, 0xFC, 0xF9, 0xFE, 0xFC, 0xE2], .eucJP, "①日德髙"), ([0x8E, 0xB1], .eucJP, "ｱ"),
            ([0x8F, 0xB0, 0xA1], .eucJP, "丂"), ([0xA1, 0xC1], .eucJP, "～"),
            ([0x87, 0x40, 0xFB, 0xFC, 0xB1, 0x80, 0xF0, 0x40], .shiftJIS, "①髙ｱ\u{80}\u{E000}"),
            ([0xB0, 0xA1, 0x81, 0x41, 0xC6, 0x52], .eucKR, "가갂힣"),
            ([0x80, 0x39, 0x39], .gbk, "€99"), ([0xA3, 0xA0], .gbk, "\u{3000}"),
            ([0xA6, 0xD9, 0xFE, 0x59], .gb18030, "︐龴"),
            ([0x81, 0x30, 0x81, 0x30, 0x94, 0x39, 0xDA, 0x33], .gb18030, "\u{80}💩"),
            ([0x81, 0x35, 0xF4, 0x37, 0xA8, 0xBC], .gb18030, "\u{E7C7}ḿ"),
            ([0xA3, 0xE1, 0xC6, 0xA1, 0xC7, 0xF2], .big5, "€①ヶ"),
            ([0x88, 0x62, 0x88, 0xA5], .big5, "Ê\u{304}ê\u{30C}"),
            ([0x87, 0x45], .big5, "𧉧"),
        ] as [([UInt8], TextEncoding, String)]
    )
    func charactersOfSeveralBytesAreDecoded(bytes: [UInt8], encoding: TextEncoding, expected: String) {
        #expect(text(bytes, encoding).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    /// The bytes of an unmapped character become one U+FFFD.
    ///
    /// If the last of these bytes is ASCII, it is kept after the U+FFFD. The next characters are decoded as
    /// usual.
    @Test(
        arguments: [
            ([0xC9, 0xA1, 0xC7, 0xD1], .eucKR, "\u{FFFD}한"), ([0xA9, 0xA1, 0xC6, 0xFC], .eucJP, "\u{FFFD}日"),
            ([0x8F, 0xA1, 0xA1, 0xC6, 0xFC], .eucJP, "\u{FFFD}日"),
            ([0x85, 0x40, 0x93, 0xFA], .shiftJIS, "\u{FFFD}@日"),
            ([0x85, 0xA1, 0x93, 0xFA], .shiftJIS, "\u{FFFD}日"),
            ([0x81, 0xFE, 0xA4, 0xA4], .big5, "\u{FFFD}中"),
            ([0x81, 0xFF, 0xD6, 0xD0], .gbk, "\u{FFFD}中"),
        ] as [([UInt8], TextEncoding, String)]
    )
    func unmappedBytesAreOneError(bytes: [UInt8], encoding: TextEncoding, expected: String) {
        #expect(text(bytes, encoding) == expected)
    }

    /// If an ASCII byte after a lead byte were lost, a page could hide a quotation mark or an angle bracket
    /// from a filter.
    @Test(arguments: [.eucKR, .eucJP, .shiftJIS, .big5, .gbk, .gb18030] as [TextEncoding])
    func anASCIIByteThatCannotFollowTheLeadByteIsKept(encoding: TextEncoding) {
        #expect(text([0x84, 0x22, 0x3E], encoding).hasSuffix("\u{FFFD}\">"))
        #expect(text([0xE0, 0x3C, 0x62], encoding).hasSuffix("\u{FFFD}<b"))
        #expect(text([0xE0, 0x0A], encoding) == "\u{FFFD}\n")
    }

    @Test func onlyTheFirstOfFourBytesIsLostIfALaterByteIsOutOfItsRange() {
        #expect(text([0x81, 0x30, 0x3C, 0x61], .gb18030) == "\u{FFFD}0<a")
        #expect(text([0x81, 0x30, 0x81, 0x3C], .gb18030) == "\u{FFFD}0\u{FFFD}<")
        #expect(text([0x81, 0x30, 0xB0, 0xA1, 0x61], .gb18030) == "\u{FFFD}0啊a")
        // If each of the four bytes is in its range, but their value is past U+10FFFF, all four are one
        // error.
        #expect(text([0xE3, 0x32, 0x9A, 0x36], .gb18030) == "\u{FFFD}")
        #expect(text([0xE3, 0x32, 0x9A, 0x35], .gb18030) == "\u{10FFFF}")
    }

    @Test(
        arguments: [
            ([0x61, 0x93], .shiftJIS), ([0x61, 0xC7], .eucKR), ([0x61, 0xA4], .big5), ([0x61, 0xC6], .eucJP),
            ([0x61, 0x8F, 0xB0], .eucJP), ([0x61, 0x81], .gbk), ([0x61, 0x81, 0x30], .gb18030),
            ([0x61, 0x81, 0x30, 0x81], .gb18030), ([0x61, 0xE2, 0x82], .utf8),
            ([0x61, 0xF0, 0x9F, 0x98], .utf8),
        ] as [([UInt8], TextEncoding)]
    )
    func aCharacterCutOffByTheEndIsOneError(bytes: [UInt8], encoding: TextEncoding) {
        #expect(text(bytes, encoding) == "a\u{FFFD}")
    }

    @Test func escapeSequencesChangeTheCharacterSetOfISO2022JP() {
        let text = { self.text(Array("\($0 as String)".utf8), .iso2022JP) }
        #expect(text("a\u{1B}$B%5\u{1B}(Ba") == "aサa")
        #expect(text("\u{1B}$@%5\u{1B}(J\\~a\u{1B}(B\\~") == "サ¥‾a\\~")
        #expect(text("\u{1B}(I12\u{1B}(B12") == "ｱｲ12")
        #expect(text("\u{1B}$B-!") == "①")
        // In an unknown sequence, the escape byte is an error, and the other bytes are text. A sequence
        // directly after another sequence is an error. A shift byte (0x0E or 0x0F) is an error.
        #expect(text("a\u{1B}$Ab") == "a\u{FFFD}$Ab")
        #expect(text("\u{1B}(B\u{1B}(Ba") == "\u{FFFD}a")
        #expect(text("\u{1B}$B%\u{1B}(Ba") == "\u{FFFD}a")
        #expect(text("a\u{0E}b\u{0F}c") == "a\u{FFFD}b\u{FFFD}c")
        #expect(text("a\u{1B}") == "a\u{FFFD}")
        #expect(text("a\u{1B}(") == "a\u{FFFD}(")
        #expect(self.text([0x61, 0xE9], .iso2022JP) == "a\u{FFFD}")
    }

    @Test func theReplacementEncodingTurnsAnyNonemptyTextIntoOneError() {
        #expect(text(Array("<script>".utf8), .replacement) == "\u{FFFD}")
        #expect(text([], .replacement).isEmpty)
    }

    @Test(arguments: TextEncoding.allCases)
    func nulBytesAreKeptAndEmptyTextsStayEmpty(encoding: TextEncoding) {
        #expect(encoding.decode([]).isEmpty)
        if encoding.isASCIICompatible { #expect(encoding.decode([0x61, 0, 0x62]) == [0x61, 0, 0x62]) }
    }
}
