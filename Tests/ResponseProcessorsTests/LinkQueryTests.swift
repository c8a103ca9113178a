// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

/// Tests of the queries of links, which depend on the encoding of the page (URL Standard §4.4, "query
/// state").
struct LinkQueryTests {
    private func links(_ html: [UInt8], charset: String?) throws -> [String] {
        let json = try result(.links, page(html, charset: charset))
        return json.split(separator: "\"").map(String.init).filter { $0.hasPrefix("http") }
    }

    private func link(_ href: [UInt8], charset: String) throws -> String? {
        try links(Array("<a href=\"".utf8) + href + Array("\">x</a>".utf8), charset: charset).first
    }

    /// `привет` in windows-1251.
    private static let cyrillic: [UInt8] = [0xEF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2]

    @Test func queriesAreWrittenInThePagesEncoding() throws {
        let href = Array("?q=".utf8) + Self.cyrillic
        #expect(try link(href, charset: "windows-1251") == "http://h.test/dir/page?q=%EF%F0%E8%E2%E5%F2")
        let meta = Array("<meta charset=windows-1251><a href='http://x.test/?a=1&q=".utf8)
        let rest = Array("&b=2 #f'>".utf8)
        #expect(
            try links(meta + Self.cyrillic + rest, charset: nil) == [
                "http://x.test/?a=1&q=%EF%F0%E8%E2%E5%F2&b=2%20"
            ]
        )
        #expect(try link([0x3F, 0x93, 0xFA], charset: "shift_jis") == "http://h.test/dir/page?%93%FA")
    }

    @Test func pathsAreWrittenInUTF8() throws {
        let href = Self.cyrillic.prefix(1) + Array("?".utf8) + Self.cyrillic.prefix(1)
        #expect(try link(Array(href), charset: "windows-1251") == "http://h.test/dir/%D0%BF?%EF")
    }

    @Test(arguments: ["utf-8", "utf-16le"])
    func pagesInUTF8AndUTF16HaveQueriesInUTF8(charset: String) throws {
        let text = "<a href=?q=é>"
        let html =
            charset == "utf-8"
            ? Array(text.utf8) : text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] as [UInt8] }
        #expect(try links(html, charset: charset) == ["http://h.test/dir/page?q=%C3%A9"])
    }

    @Test func charactersThatTheEncodingLacksBecomeReferences() throws {
        #expect(
            try link(Array("?q=&#1087;&#233;".utf8), charset: "latin1")
                == "http://h.test/dir/page?q=%26%231087%3B%E9"
        )
    }

    @Test func blanksAroundALinkAndTabsAndLineEndsInsideAreIgnored() throws {
        #expect(
            try link(Array(" ?q=\t".utf8) + [0xE9, 0x0A] + Array("x \n".utf8), charset: "latin1")
                == "http://h.test/dir/page?q=%E9x"
        )
    }
}
