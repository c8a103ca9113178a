// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Testing

@Suite struct Base64Tests {
    private static func decode(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        return Base64.decode(bytes.span)
    }

    @Test(
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
    )
    func theTestVectorsOfRFC4648AreDecodedWithAndWithoutPadding(text: String, encoded: String) {
        #expect(Self.decode(encoded) == Array(text.utf8))
        #expect(Self.decode(encoded.filter { $0 != "=" }) == Array(text.utf8))
    }

    @Test(
        arguments: [
            "A", "=", "==", "====", "A===", "Zg=", "Zm8==", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Z g=",
            "Zg==\n", "Zm-_", "=Zg=", "Zé",
        ]
    )
    func invalidBase64IsRefused(_ text: String) {
        #expect(Self.decode(text) == nil)
    }

    @Test(arguments: 0..<200)
    func theTextThatFoundationEncodesIsDecoded(count: Int) {
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
        #expect(Self.decode(Data(bytes).base64EncodedString()) == bytes)
    }
}
