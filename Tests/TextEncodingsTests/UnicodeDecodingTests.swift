// SPDX-License-Identifier: MIT
// fetchpool

import SimulationSupport
import Testing
import TextEncodings

/// Tests invalid UTF-8 and UTF-16 (Encoding Standard §8.1.1 and §14.2.1).
struct UnicodeDecodingTests {
    private func text(_ bytes: [UInt8], _ encoding: TextEncoding = .utf8) -> String {
        String(decoding: encoding.decode(bytes), as: UTF8.self)
    }

    @Test(
        arguments: [
            ([0x61, 0xE2, 0x82, 0x62], 1), ([0x61, 0xF0, 0x9F, 0x98, 0x62], 1), ([0x61, 0xC2, 0x62], 1),
            // In overlong forms, surrogates and scalars above U+10FFFF, the first two bytes cannot begin a
            // character. So each byte is an error.
            ([0x61, 0xC0, 0xAF, 0x62], 2), ([0x61, 0xE0, 0x80, 0xAF, 0x62], 3),
            ([0x61, 0xED, 0xA0, 0x80, 0x62], 3),
            ([0x61, 0xF4, 0x90, 0x80, 0x80, 0x62], 4), ([0x61, 0xF5, 0x80, 0x62], 2),
            ([0x61, 0xFF, 0x62], 1),
            ([0x61, 0x80, 0x80, 0x62], 2), ([0x61, 0xF0, 0x80, 0x62], 2),
            ([0x61, 0xE2, 0xE2, 0x82, 0x62], 2),
        ] as [([UInt8], Int)]
    )
    func eachMaximalSubpartIsOneError(bytes: [UInt8], errors: Int) {
        #expect(text(bytes) == "a" + String(repeating: "\u{FFFD}", count: errors) + "b")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func faultsAreReplacedAsInTheStandardLibrary(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let bytes = (0..<generator.pick(0...90)).map { _ in
                generator.pick(
                    [0x61, 0x62, 0x63, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xFF]
                        as [UInt8]
                )
            }
            #expect(text(bytes) == String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(arguments: ["é", "日本", "😀", "a€"])
    func cutCharacterIsFoundAtTheEndOfATextOfAnyLength(character: String) {
        for length in 0..<70 {
            let front = Array(repeating: UInt8(ascii: "x"), count: length)
            let whole = front + Array(character.utf8) + front
            #expect(TextEncoding.utf8.decode(whole) == whole)
            #expect(
                text(front + Array(character.utf8.dropLast())) == String(decoding: front, as: UTF8.self)
                    + (character == "a€" ? "a\u{FFFD}" : String(character.dropLast()) + "\u{FFFD}")
            )
        }
    }

    @Test(
        arguments: [
            ([0xD8, 0x00, 0x00, 0x61], "\u{FFFD}a"), ([0xDC, 0x00, 0x00, 0x61], "\u{FFFD}a"),
            ([0xD8, 0x00, 0xD8, 0x3D, 0xDE, 0x00], "\u{FFFD}😀"),
            ([0xDE, 0x00, 0xD8, 0x3D], "\u{FFFD}\u{FFFD}"),
            ([0x00, 0x61, 0x00], "a\u{FFFD}"), ([0x00, 0x61, 0xD8, 0x3D], "a\u{FFFD}"), ([0x61], "\u{FFFD}"),
            // The text ends inside a character; the bytes of this character are one error.
            ([0x00, 0x61, 0xD8, 0x3D, 0xDE], "a\u{FFFD}"),
            ([0x00, 0x61, 0xDE, 0x00, 0xDE], "a\u{FFFD}\u{FFFD}"),
            // U+FEFF and noncharacters are not faults.
            ([0xFE, 0xFF], "\u{FEFF}"), ([0xFF, 0xFE, 0xFF, 0xFF], "\u{FFFE}\u{FFFF}"),
        ] as [([UInt8], String)]
    )
    func faultsInUTF16AreReplaced(bigEndian: [UInt8], expected: String) {
        #expect(text(bigEndian, .utf16BE) == expected)
        var little = bigEndian
        for index in stride(from: 0, to: little.count - 1, by: 2) { little.swapAt(index, index + 1) }
        #expect(text(little, .utf16LE) == expected)
    }
}
