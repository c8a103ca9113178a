// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

/// Tests of the choice of a page's encoding, and of decoding; nearly all tests read the decoded title.
struct PageCharsetTests {
    private func title(_ bytes: [UInt8], charset: String? = nil) throws -> String {
        let json = try result(.text, page(bytes, charset: charset))
        return json.split(separator: "\"").dropFirst(3).first.map(String.init) ?? ""
    }

    private static let open = Array("<title>".utf8)
    private static let latin: [UInt8] = open + [0xE9, 0x80]
    private static let utf8 = Array("<title>é€".utf8)
    private static let japanese: [UInt8] = open + [0x93, 0xFA, 0x96, 0x7B]

    @Test(
        arguments: [
            (latin, nil, "é€"), (utf8, nil, "é€"),
            (latin, "iso-8859-1", "é€"), (utf8, "utf-8", "é€"), (utf8, "latin1", "Ã©â‚¬"),
            (latin, "utf-8", "\u{FFFD}"), (japanese, "shift_jis", "日本"),
            (open + [0xC6, 0xFC], "euc-jp", "日"), (open + [0xE9], "iso-8859-7", "ι"),
            (utf8, "no-such-charset", "é€"), (utf8, "UTF-8//IGNORE", "é€"),
        ] as [([UInt8], String?, String)]
    )
    func theHeaderDecidesBeforeTheBytes(bytes: [UInt8], charset: String?, text: String) throws {
        #expect(try title(bytes, charset: charset) == text)
    }

    @Test(arguments: [
        "<meta charset=shift_jis>", "<META CHARSET='Shift_JIS'/>",
        "<meta http-equiv=content-type content=\"text/html; charset=shift_jis\">",
        "<meta name=x><meta charset = sjis >",
    ])
    func theMetaElementDecidesAfterTheHeader(meta: String) throws {
        #expect(try title(Array(meta.utf8) + Self.japanese) == "日本")
        #expect(try title(Array(meta.utf8) + Self.utf8, charset: "utf-8") == "é€")
    }

    @Test func aMetaElementDecidesNothingInXHTML() throws {
        let page = "<title>é€</title><meta charset='koi8-r'/>"
        #expect(try result(.text, xhtmlPage(page)).contains("é€"))
        #expect(try result(.links, xhtmlPage(page + "<a href='/é'>é€</a>")).contains("é€"))
        let declared = "<?xml version='1.0' encoding='koi8-r'?>" + page
        #expect(try !result(.text, xhtmlPage(declared)).contains("é€"))
    }

    @Test func aPageThatIsReadableAsASCIIIsNotUTF16() throws {
        #expect(try title(Array("<meta charset=utf-16>".utf8) + Self.utf8) == "é€")
    }

    @Test func aByteOrderMarkDecidesFirst() throws {
        #expect(try title([0xEF, 0xBB, 0xBF] + Self.utf8, charset: "iso-8859-1") == "é€")
        let units = Array("<title>é€".utf16)
        let little: [UInt8] = [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] as [UInt8] }
        #expect(try title(little, charset: "utf-8") == "é€")
        let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] as [UInt8] }
        #expect(try title(big) == "é€")
    }

    @Test func aCharacterCutOffByTheEndIsReplaced() throws {
        #expect(try title(Self.japanese + [0x93], charset: "shift_jis") == "日本\u{FFFD}")
        #expect(try title(Self.utf8 + [0xE2, 0x82], charset: "utf-8") == "é€\u{FFFD}")
    }

    @Test func zeroBytesAreReplaced() throws {
        #expect(try title(Self.open + [0x61, 0, 0x62]) == "a\u{FFFD}b")
    }

    @Test func onlyLabelsOfTheStandardCount() throws {
        for label in ["utf-7", "cp037", "utf-32"] {
            #expect(try title(Array("<title>+ADw-é".utf8), charset: label) == "+ADw-é")
            #expect(
                try title(Array("<meta charset=\(label)><meta charset=sjis>".utf8) + Self.japanese) == "日本"
            )
        }
        #expect(try title(Self.open + [0xF9, 0xEC, 0xE5, 0xED], charset: "iso-8859-8-i") == "שלום")
    }

    @Test func aLateMetaElementCounts() throws {
        let comment = "<!-- " + String(repeating: "x", count: 1100) + " -->"
        #expect(try title(Array((comment + "<meta charset=shift_jis>").utf8) + Self.japanese) == "日本")
    }

    @Test func aLoneSurrogateDoesNotShiftTheNextCharacters() throws {
        let units = Array("<title>a".utf16) + [0xD800] + Array("bc".utf16)
        let bytes = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] as [UInt8] }
        #expect(try title(bytes, charset: "utf-16le") == "a\u{FFFD}bc")
    }

    @Test func rareBytesDoNotShiftTheNextCharacters() throws {
        #expect(try title(Self.open + [0xC9, 0xA1, 0xC7, 0xD1], charset: "euc-kr") == "\u{FFFD}한")
        #expect(try title(Self.open + [0xAD, 0xA1, 0xC6, 0xFC], charset: "euc-jp") == "①日")
        #expect(try title(Self.open + [0x80, 0x39], charset: "gbk") == "€9")
    }

    @Test func longTextInShiftJISIsComplete() throws {
        let bytes = Self.open + Array(repeating: [0x93, 0xFA] as [UInt8], count: 40_000).joined()
        #expect(try title(Array(bytes), charset: "shift_jis") == String(repeating: "日", count: 40_000))
    }
}
