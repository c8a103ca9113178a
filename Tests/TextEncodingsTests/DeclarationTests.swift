// SPDX-License-Identifier: MIT
// fetchpool

import Testing
import TextEncodings

/// Tests meta elements that make a browser read a page again, in another encoding (HTML standard 13.2.3.4,
/// "Changing the encoding while parsing"), and the precedence of the sources of an encoding.
struct DeclarationTests {
    /// A comment that is longer than the first 1,024 bytes of a page, which browsers search for an encoding.
    private static let filler = "<!--" + String(repeating: "x", count: 1100) + "-->"

    private func declared(_ page: String, label: String? = nil) -> TextEncoding? {
        PageEncoding.declared(by: Array(page.utf8), label: label)
    }

    @Test(arguments: [
        "<meta charset=koi8-r>",
        "<head><title>x</title><meta http-equiv=content-type content='text/html;charset=koi8-r'>",
        "<body><p>x</p><meta charset=koi8-r>",
        "<script>\"<meta charset=utf-8>\"</script><meta charset=koi8-r>",
        "<script>a</scripty>'</script ><meta charset=koi8-r>", "<style></style/><meta charset=koi8-r>",
        "<title><meta charset=utf-8></title><meta charset=koi8-r>",
        "<noscript><meta charset=utf-8></noscript><meta charset=koi8-r>",
        "<textarea>'</textarea><meta charset=koi8-r>", "<!-- a --!><meta charset=koi8-r>",
        "<!--><meta charset=koi8-r>", "</ <meta charset=utf-8><meta charset=koi8-r>",
        "<! <meta charset=utf-8><meta charset=koi8-r>", "</><meta charset=koi8-r>",
        "</a title='<meta charset=utf-8>'><meta charset=koi8-r>",
        "<svg><style/><title/></svg><meta charset=koi8-r>", "<svg/><style>'</style><meta charset=koi8-r>",
        "<meta charset=foo http-equiv=content-type content=charset=koi8-r>", "<META CHARSET=KOI8-R>",
    ])
    func aLateMetaElementCounts(rest: String) {
        #expect(declared(Self.filler + rest) == .koi8R)
        #expect(declared(Self.filler + rest, label: "euc-kr") == .eucKR)
        #expect(declared("\u{FEFF}" + Self.filler + rest) == .utf8)
    }

    @Test(arguments: [
        "<script><meta charset=koi8-r></script>", "<title><meta charset=koi8-r>",
        "<!-- <meta charset=koi8-r> -->",
        "<noscript><meta charset=koi8-r></noscript>", "<iframe><meta charset=koi8-r></iframe>",
        "<xmp><meta charset=koi8-r></xmp>",
        "<plaintext><meta charset=koi8-r>", "<a title='<meta charset=koi8-r>'>", "<meta charset=koi8-r",
        "<meta charset=utf-7>",
    ])
    func lateTextWithoutAUsableMetaElementDoesNotCount(rest: String) {
        #expect(declared(Self.filler + rest) == nil)
    }

    @Test func aMetaElementForTheParserCountsBeforeOneInAScript() {
        let script = "<script>\"<meta charset=koi8-r>\"</script>"
        #expect(declared(script) == .koi8R)
        #expect(declared(script + "<meta charset=euc-kr>") == .eucKR)
    }

    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF], "koi8-r", .utf8, 3), ([0xFE, 0xFF], "koi8-r", .utf16BE, 2),
            ([0xFF, 0xFE], nil, .utf16LE, 2),
            ([0xEF, 0xBB], "koi8-r", .koi8R, 0), ([], "nonsense", .utf8, 0), ([0xE9], nil, .windows1252, 0),
            ([0xC3, 0xA9], nil, .utf8, 0), ([0xC3, 0xA9, 0xC3], nil, .windows1252, 0),
            ([], "utf-7", .utf8, 0),
        ] as [([UInt8], String?, TextEncoding, Int)]
    )
    func byteOrderMarksCountBeforeHeadersAndHeadersBeforeGuesses(
        page: [UInt8],
        label: String?,
        encoding: TextEncoding,
        start: Int
    ) {
        let found = PageEncoding(of: page.span, label: label)
        #expect(found.encoding == encoding && found.start == start)
    }
}
