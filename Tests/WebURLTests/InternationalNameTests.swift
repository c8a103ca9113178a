// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import SimulationSupport
import Testing

@testable import WebURL

@Suite struct InternationalNameTests {
    @Test(arguments: [
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("faß.de", "xn--fa-hia.de"),
        ("σας.gr", "xn--mxa8ab.gr"), ("a\u{AD}é", "xn--a-bga"), ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ａｂ．é", "ab.xn--9ca"), ("é.", "xn--9ca."), ("é..a", "xn--9ca..a"), ("한국", "xn--3e0b707e"),
        ("\u{1112}\u{1161}\u{11AB}국", "xn--3e0b707e"), ("%C3%A9", "xn--9ca"),
        ("é.xn--9ca", "xn--9ca.xn--9ca"),
        ("é.XN--9CA", "xn--9ca.xn--9ca"), ("-é-", "xn-----bja"), ("é_~!", "xn--_~!-9la"), ("ℌé", "xn--h-bga"),
        ("☃", "xn--n3h"), ("\u{FEFF}é", "xn--9ca"), ("１é", "xn--1-bga"),
    ])
    func internationalNamesAreMappedToASCII(text: String, expected: String) {
        #expect(host(text) == expected)
    }

    @Test(
        arguments: [
            ("é.xn--a", .badName(.punycode)), ("é.xn--", .badName(.punycode)),
            ("é.xn--abc-", .badName(.punycode)), ("é.xn---c1a", .badName(.punycode)),
            ("é.xn--99999999", .badName(.punycode)), ("xn--é", .badName(.punycode)),
            ("\u{301}é", .badName(.mark)), ("a.\u{301}", .badName(.mark)), ("é\u{200D}", .badName(.joiner)),
            ("a\u{200C}b", .badName(.joiner)), ("é\u{200C}", .badName(.joiner)),
            ("א1a", .badName(.direction)),
            ("aא", .badName(.direction)), ("1.א", .badName(.direction)), ("א.1a-", .badName(.direction)),
            ("א٠1", .badName(.direction)), ("\u{378}", .characterInHost("\u{378}")),
            ("\u{E000}", .characterInHost("\u{E000}")), ("é\u{FFFD}", .characterInHost("\u{FFFD}")),
            ("⒈", .characterInHost("\u{2488}")), ("é／", .characterInHost("/")), ("é％", .characterInHost("%")),
            ("\u{AD}", .emptyHost), ("é ", .characterInHost(" ")),
        ] as [(String, WebURLFault)]
    )
    func invalidInternationalNamesAreRefusedWithTheReason(text: String, expected: WebURLFault) {
        #expect(fault("http://\(text)/") == expected)
    }

    @Test(arguments: [
        "א", "א1", "א.ב", "a.א", "אَ", "א-ב", "क\u{94D}\u{200D}ष", "क\u{94D}\u{200C}ष", "نامه\u{200C}ای",
    ])
    func rightToLeftLabelsAndJoinersAreValid(text: String) { #expect(host(text)?.contains("xn--") == true) }

    @Test func onlyLabelsThatNeedPunycodeHaveALimit() {
        let long = String(repeating: "é", count: 255)
        #expect(host(long) != nil)
        #expect(fault("http://\(long)é/") == .badName(.length))
        #expect(host("é." + String(repeating: "a", count: 5_000)) != nil)
    }

    @Test func internationalNamesHaveALimit() {
        let (short, long) = (String(repeating: "é.", count: 20_000), String(repeating: "é.", count: 22_000))
        #expect(host(short + "test")?.hasPrefix("xn--9ca.xn--9ca.") == true)
        #expect(fault("http://\(long)test/") == .nameTooLong)
        #expect(host(String(repeating: "a.", count: 40_000) + "test") != nil)
    }

    @Test func punycodeReadsWhatItWrites() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let label = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                UInt32.random(in: 0...3, using: &random) == 0
                    ? UInt32.random(in: 0x61...0x7A, using: &random)
                    : UInt32.random(in: 0xE000...0x10FFFF, using: &random)
            }
            var text: [UInt8] = []
            Punycode.write(label[...], to: &text)
            let read = text.map { UInt32($0) }
            if label.contains(where: { $0 >= 0x80 }) { #expect(Punycode.decoded(read[...]) == label) }
        }
    }

    @Test(arguments: ["99999999999", "a-!", "é", "-", "zzzzzzzzzzzzzzzzzzzz", "0"])
    func decodedPunycodeHasNoValueAboveUnicode(text: String) {
        let label = text.unicodeScalars.map(\.value)
        if let decoded = Punycode.decoded(label[...]) {
            #expect(decoded.allSatisfy { $0 < 0x110000 })
        }
    }

    /// The texts stand for U+10FFFF, the number after it, and the surrogate U+D800.
    @Test(arguments: [("dn32g", 0x10FFFF), ("en32g", nil), ("ib9b", nil)] as [(String, UInt32?)])
    func punycodeOfANumberThatIsNoScalarIsRefused(text: String, scalar: UInt32?) {
        let label = text.unicodeScalars.map(\.value)
        #expect(Punycode.decoded(label[...]) == scalar.map { [$0] })
    }

    @Test func normalizationIsThatOfUnicode() {
        // Most of the starters compose with some of the marks. The marks have several combining classes, and
        // come in any order.
        let starters: [UInt32] = [
            0x61, 0x6F, 0x75, 0xE9, 0x1ED7, 0x3B1, 0x1F00, 0x438, 0x915, 0xAC00, 0xAC01, 0x1100, 0x304B,
        ]
        let marks: [UInt32] = [0x300, 0x301, 0x308, 0x323, 0x327, 0x328, 0x93C, 0x94D, 0x1161, 0x3099, 0x5B0]
        var random = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 1...8, using: &random)).compactMap { _ in
                Int.random(in: 0...2, using: &random) == 0
                    ? starters.randomElement(using: &random) : marks.randomElement(using: &random)
            }
            var string = String.UnicodeScalarView()
            string.append(contentsOf: text.compactMap(Unicode.Scalar.init))
            let expected = String(string).precomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
            #expect(Normalization.composed(text) == expected, "\(text)")
        }
    }
}
