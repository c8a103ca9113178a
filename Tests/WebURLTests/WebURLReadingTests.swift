// SPDX-License-Identifier: MIT
// fetchpool

import Testing
import WebURL

@Suite struct WebURLReadingTests {
    @Test(arguments: [
        (" \u{0}\u{1F}http://a/b\u{1B} ", "http://a/b"), ("h\ttt\np:\r//a\t/\nb?\rc#\td", "http://a/b?c#d"),
        ("HTTP://a", "http://a/"), ("HtTpS://a", "https://a/"),
        ("http:a", "http://a/"), ("http:/a", "http://a/"), ("http:\\\\a\\b", "http://a/b"),
        ("http:////\\/a", "http://a/"), ("https:/\\a", "https://a/"),
        ("http://a:80", "http://a/"), ("https://a:443", "https://a/"), ("http://a:443", "http://a:443/"),
        ("http://a:", "http://a/"), ("http://a:?b", "http://a/?b"), ("http://a:000081/", "http://a:81/"),
        ("http://a:65535", "http://a:65535/"), ("http://a:0", "http://a:0/"),
        ("http://a?b", "http://a/?b"), ("http://a#b", "http://a/#b"), ("http://a?", "http://a/?"),
        ("http://a#", "http://a/#"), ("http://a/?b?c#d#e?f", "http://a/?b?c#d#e?f"),
        ("http://a\\@b/", "http://a/@b/"), ("http://a/\\?\\#\\", "http://a//?\\#\\"),
    ])
    func urlsWithoutABaseAreNormalized(text: String, expected: String) { #expect(href(text) == expected) }

    @Test(arguments: [
        ("http://u@a", "http://u@a/"), ("http://u:p@a", "http://u:p@a/"), ("http://:p@a", "http://:p@a/"),
        ("http://u:@a", "http://u@a/"), ("http://@a", "http://a/"), ("http://:@a", "http://a/"),
        ("http://u@v@a", "http://u%40v@a/"), ("http://u:p:q@a", "http://u:p%3Aq@a/"),
        ("http://u:p@a:81", "http://u:p@a:81/"), ("http:u:p@a", "http://u:p@a/"),
        ("http://é:ü@a", "http://%C3%A9:%C3%BC@a/"), ("http://u%3A:p%@a", "http://u%3A:p%@a/"),
        ("http://[@a", "http://%5B@a/"),
    ])
    func userNamesAndPasswordsAreNormalized(text: String, expected: String) {
        #expect(href(text) == expected)
    }

    @Test func theTextHoldsNeitherUserNorFragment() throws {
        let url = try WebURL(reading: Array("https://u:p@a:81/b?c#d".utf8).span)
        #expect(String(decoding: url.text, as: UTF8.self) == "https://a:81/b?c")
        #expect(url.user == WebURL.UserInfo(name: Array("u".utf8), password: Array("p".utf8)))
        #expect(url.fragment == Array("d".utf8))
        #expect(url.port == 81 && url.pathStart == 12 && url.host == 8..<9)
    }

    @Test(arguments: [
        ("a/./b", "a/b"), ("a/../b", "b"), ("a/..", ""), ("a/.", "a/"), (".", ""), ("..", ""),
        ("../../a", "a"),
        ("a/b/../../../c", "c"), ("a//../b", "a/b"), ("a/b//", "a/b//"), ("a/%2e/b", "a/b"),
        ("a/%2E%2e/b", "b"),
        ("a/.%2e", ""), ("a/%2e.", ""), ("a/...", "a/..."), ("a/.b", "a/.b"), ("a/..b", "a/..b"),
        ("a/%2e%2", "a/%2e%2"), ("a/%2", "a/%2"), ("a/%", "a/%"), ("a/%2f..", "a/%2f.."), ("a\\..\\b", "b"),
        ("a/..?b/../c", "?b/../c"), ("a/..#b/../c", "#b/../c"), (".;x", ".;x"), ("a/.\tb", "a/.b"),
    ])
    func dotSegmentsAreRemovedFromThePath(path: String, expected: String) {
        #expect(href("http://h/" + path) == "http://h/" + expected)
    }

    @Test(
        arguments: [
            ("", .noScheme), ("a", .noScheme), ("//a", .noScheme), (":a", .noScheme),
            ("1http://a", .noScheme),
            ("ht tp://a", .noScheme), ("ftp://a", .otherScheme(count: 3)),
            ("httpx:a", .otherScheme(count: 5)),
            ("http:", .emptyHost), ("http://", .emptyHost), ("http://?", .emptyHost),
            ("http://#", .emptyHost),
            ("http:///", .emptyHost), ("http://u@", .emptyHost), ("http://u@/a", .emptyHost),
            ("http://:80", .emptyHost), ("http://u@:80", .emptyHost), ("http://%", .characterInHost("%")),
            ("http://a:b", .portNotDigits), ("http://a:+1", .portNotDigits), ("http://a:1 2", .portNotDigits),
            ("http://a:65536", .portTooLarge), ("http://a:99999999999999999999999", .portTooLarge),
            ("http://a:80:80", .portNotDigits), ("data:/a", .dataWithPath), ("data://a/", .dataWithPath),
        ] as [(String, WebURLFault)]
    )
    func invalidURLsAreRefusedWithTheReason(text: String, expected: WebURLFault) {
        #expect(fault(text) == expected)
    }

    @Test(arguments: [
        ("data:text/html,<b> \"é\" </b> ", "data:text/html,<b> \"%C3%A9\" </b>"),
        ("DATA:,a b #c d", "data:,a b%20#c%20d"), ("data:,a ?b \"#", "data:,a%20?b%20%22#"),
        ("data:,%\u{1}\u{7F}", "data:,%%01%7F"), ("data:,a/../b\\c'", "data:,a/../b\\c'"), ("data:", "data:"),
    ])
    func dataURLsArePercentEncodedByTheirOwnRules(text: String, expected: String) {
        #expect(href(text) == expected)
    }

    @Test func invalidUTF8IsPercentEncodedExceptInHosts() {
        #expect(href(Array("http://a/".utf8) + [0xFF, 0xC3]) == "http://a/%FF%C3")
        #expect(href(Array("http://a/?".utf8) + [0x80]) == "http://a/?%80")
        #expect(href(Array("http://a".utf8) + [0xFF]) == nil)
        #expect(fault("http://a%FF/") == .hostNotUTF8)
    }

    /// For several parts of a URL, the test checks which visible ASCII characters stay as they are.
    ///
    /// The other characters must be percent-encoded, except `/?#:\@`, which are not tested in the parts that
    /// do not keep them. See the percent-encode sets in URL Standard §1.3.
    @Test(arguments: [
        ("http://h/", "", "!$%&'()*+,-./0:;=@A[]_a|~"), ("http://h/?", "", "!$%&()*+,-./0:;=?@A[\\]^_`a{|}~"),
        ("http://h/#", "", "!#$%&'()*+,-./0:;=?@A[\\]^_a{|}~"), ("http://u", "@h/", "!$%&'()*+,-.0A_a~"),
        ("data:,", "", "!\"$%&'()*+,-./0:;<=>@A[\\]^_`a{|}~"),
        ("data:,?", "", "!$%&'()*+,-./0:;=?@A[\\]^_`a{|}~"),
    ])
    func eachPartPercentEncodesTheCharactersOfItsSet(front: String, back: String, kept: String) {
        let others = Set("/?#:\\@".utf8)
        for byte in 0x21..<0x7F as Range<UInt8> {
            let character = String(Unicode.Scalar(byte))
            let isKept =
                kept.contains(character) || character.first!.isLetter || character.first!.isNumber
            // A character that can end a part or a path segment is tested only if the part keeps it.
            if !isKept, others.contains(byte) { continue }
            let encoded = "%" + String(byte, radix: 16, uppercase: true)
            let expected = front + "x" + (isKept ? character : encoded) + "x" + back
            #expect(href(front + "x" + character + "x" + back) == expected, "\(character) behind \(front)")
        }
    }
}
