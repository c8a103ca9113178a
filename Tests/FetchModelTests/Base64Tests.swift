// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Testing

@Suite("Base64")
struct Base64Tests {
    private static func decode(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        return Base64.decode(bytes.span)
    }

    @Test(
        "RFC 4648 §10 vectors, with padding and without",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(text: String, encoded: String) {
        #expect(Self.decode(encoded) == Array(text.utf8))
        #expect(Self.decode(encoded.filter { $0 != "=" }) == Array(text.utf8))
    }

    @Test(
        "other texts are refused",
        arguments: [
            "A", "=", "==", "====", "A===", "Zg=", "Zm8==", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Z g=",
            "Zg==\n", "Zm-_", "=Zg=", "Zé",
        ]
    )
    func refused(_ text: String) {
        #expect(Self.decode(text) == nil)
    }

    @Test("random bytes come back as Foundation spells them", arguments: 0..<200)
    func roundTrip(count: Int) {
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
        #expect(Self.decode(Data(bytes).base64EncodedString()) == bytes)
    }
}
