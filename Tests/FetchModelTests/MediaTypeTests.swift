// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@Suite struct MediaTypeTests {
    private static let charsets: [(String, String?)] = [
        ("text/html; charset=UTF-8", "utf-8"), ("text/html;charset=\"iso-8859-1\"", "iso-8859-1"),
        ("text/html; a=b; Charset = x", "x"), ("text/html", nil), ("text/html; charset=", nil),
        ("text/html;charset='x'", "x"), ("text/html; charset= \"x\" y; z", "x"),
        ("text/html;;;charset=x ", "x"),
        (#"text/html;a="b;charset=y";charset=x"#, "x"),
        (#"text/html;charset="k\oi8-r""#, "koi8-r"),
        (#"text/html;a="b, c/d";charset=x"#, "x"), ("text/html;charset=\"x", "x"),
        ("text/html;charset;charset=x", "x"), ("text/html;charset=x;charset=y", "x"),
        ("text/html; charset=x y", "x y"), ("text/html; charset:x", nil),
    ]

    @Test(arguments: charsets)
    func charsetIsReadFromTheParameters(_ value: String, _ charset: String?) throws {
        let type = try #require(MediaType(values: [value]))
        #expect(type.essence == "text/html")
        #expect(type.charset == charset)
    }

    /// The values of `Content-Type` fields, and the essence and the charset that they give.
    ///
    /// If several types of the same essence come last, and the last of these types has no charset, the
    /// charset of the first of these types counts.
    private static let severalValues: [([String], String, String?)] = [
        (["text/html;charset=a", "text/html"], "text/html", "a"),
        (["text/html;charset=a, text/html"], "text/html", "a"),
        (["text/html;charset=a, text/html;charset=b"], "text/html", "b"),
        (["text/html;charset=a, text/html;charset=b, text/html"], "text/html", "a"),
        (["text/plain;charset=a", "text/html"], "text/html", nil),
        (["text/html;charset=a", "text/plain", "text/html"], "text/html", nil),
        (["text/html, charset=a"], "text/html", nil), (["text/html;charset=a, */*"], "text/html", "a"),
        (["text/html;charset=a,"], "text/html", "a"), (["x", "text/html;charset=a"], "text/html", "a"),
        (["TEXT/Html ; Charset=A"], "text/html", "a"),
        (["unknown/unknown;charset=a"], "unknown/unknown", "a"),
    ]

    @Test(arguments: severalValues)
    func theLastValidMediaTypeIsUsed(_ values: [String], _ essence: String, _ charset: String?) throws {
        let type = try #require(MediaType(values: values))
        #expect(type.essence == essence)
        #expect(type.charset == charset)
    }

    @Test(arguments: [
        "", " ", "/", "text/", "/html", "text", "text/html charset=utf-8", "text/ html", "text/html/x",
        "text/html:charset=x", "*/*", "*/*; charset=utf-8", "charset=utf-8", "; charset=utf-8",
        "text/h\u{E9}",
    ])
    func valuesWithoutAValidMediaTypeGiveNoMediaType(_ value: String) {
        #expect(MediaType(values: [value])?.essence == nil)
    }
}
