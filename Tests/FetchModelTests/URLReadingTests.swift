// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing
import WebURL

@Suite struct URLReadingTests {
    @Test(arguments: [
        ("HTTP://EXAMPLE.com", "http://example.com/"),
        ("http://a:80/", "http://a/"), ("https://a:443", "https://a/"), ("http://a:443", "http://a:443/"),
        ("http://a:", "http://a/"), ("http://a:0008080/", "http://a:8080/"),
        ("http://a?x=1#y", "http://a/?x=1"), ("http://a/?", "http://a/?"), ("http://a#x?y/z", "http://a/"),
        ("http://a/b/c/./../../g", "http://a/g"), ("http://a/mid/content=5/../6", "http://a/mid/6"),
        ("http://a/..", "http://a/"), ("http://a/b/..", "http://a/"), ("http://a/b/.", "http://a/b/"),
        ("http://a/b/%2E%2e/c", "http://a/c"), ("http://a/a//../b", "http://a/a/b"),
        ("http://a/...", "http://a/..."),
        ("http://a/?/../x", "http://a/?/../x"), ("http://a/..b/.c", "http://a/..b/.c"),
        ("http://a/é?ü", "http://a/%C3%A9?%C3%BC"), ("http://a/%c3%A9", "http://a/%c3%A9"),
        ("http://a/\"<>^`{|}[]", "http://a/%22%3C%3E%5E%60%7B|%7D[]"), (" http://a/b c\t", "http://a/b%20c"),
        ("http://a/?it's", "http://a/?it%27s"), ("http:/a\\b", "http://a/b"),
        ("http://a/50%", "http://a/50%"),
        ("http://u:p@a/", "http://a/"), ("http://127.1/", "http://127.0.0.1/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"), ("http://a..b;c/", "http://a..b;c/"),
        ("http://a/b;c=1,2!$&'()*+:@~", "http://a/b;c=1,2!$&'()*+:@~"),
        ("http://Example.COM./", "http://example.com./"),
        ("http://[2001:DB8:0:0:1:0:0:1]:80", "http://[2001:db8::1:0:0:1]/"),
        ("http://[0:0:0:0:0:0:0:0]", "http://[::]/"),
        ("http://[::FFFF:102:304]", "http://[::ffff:102:304]/"),
        ("http://[1:0:2:0:3:0:4:0]", "http://[1:0:2:0:3:0:4:0]/"),
        ("http://[::1.2.3.4]", "http://[::102:304]/"), ("http://[1::]", "http://[1::]/"),
        ("http://[0:0:1::]", "http://[0:0:1::]/"), ("http://[1:2:3:4:5:6:7::]", "http://[1:2:3:4:5:6:7:0]/"),
        ("DATA:text/html,<p>é</p>#f", "data:text/html,<p>%C3%A9</p>"), ("data:,x", "data:,x"),
    ])
    func aURLIsWrittenInCanonicalForm(text: String, expected: String) throws {
        #expect(try targetURL(text).description == expected)
    }

    @Test(arguments: [
        ("", URLRefusal.empty), ("example.com/x", .missingScheme(suggestion: "https://example.com/x")),
        ("//x", .missingScheme(suggestion: "https://x")),
        ("x:8080/y", .missingScheme(suggestion: "https://x:8080/y")),
        ("ftp://a/", .unsupportedScheme("ftp")), ("mailto:a@b", .unsupportedScheme("mailto")),
        ("http:///", .emptyHost), ("http://:80/", .emptyHost), ("http://?", .emptyHost),
        ("http:", .emptyHost),
        ("http://a b/", .characterInHost(" ")), ("http://a%00b/", .characterInHost("\0")),
        ("http://a<b/", .characterInHost("<")), ("http://a%FFb/", .hostNotUTF8),
        ("http://é\u{E000}/", .characterInHost("\u{E000}")), ("http://xn--é/", .badName(.punycode)),
        ("http://aא/", .badName(.direction)), ("http://\u{301}a/", .badName(.mark)),
        ("http://a\u{200D}b/", .badName(.joiner)),
        ("http://4294967296/", .oddNumber(host: "4294967296")),
        ("http://u:p@a.0x/", .oddNumber(host: "a.0x")),
        ("http://256.1.1.1/", .oddNumber(host: "256.1.1.1")),
        ("http:1.2.3.4.5:80/", .oddNumber(host: "1.2.3.4.5")),
        ("http://[::1%25eth0]/", .zone), ("http://[::1", .badIPv6), ("http://[1:2]/", .badIPv6),
        ("http://a:8x/", .portNotDigits), ("http://a:-1/", .portNotDigits), ("http://a:1:2/", .portNotDigits),
        ("http://a:99999/", .portOutOfRange("99999")), ("http://a:0/", .portOutOfRange("0")),
        ("http://[::1]:18446744073709551696/", .portOutOfRange("18446744073709551696")),
        ("data:/x", .dataWithPath),
        ("data:x", .missingComma), ("data:;base64,A", .badBase64), ("data:foo,x", .badMediaType("foo")),
    ])
    func anInvalidURLIsRefusedWithItsReason(text: String, expected: URLRefusal) {
        #expect(refusal(of: Array(text.utf8)) == expected)
    }

    @Test func invalidUTF8IsRefusedWithItsPosition() {
        #expect(refusal(of: Array("http://a/".utf8) + [0xC3]) == .notUTF8(byte: 10))
        #expect(refusal(of: Array("http://a/?".utf8) + [0xED, 0xA0, 0x80]) == .notUTF8(byte: 11))
        #expect(refusal(of: Array("http://".utf8) + [0xFF]) == .notUTF8(byte: 8))
    }

    @Test func theLimitOfTheLengthIsExact() throws {
        let full = "http://a/" + String(repeating: "x", count: TargetURL.maxTextBytes - 9)
        #expect(try targetURL(full).text.count == TargetURL.maxTextBytes)
        #expect(refusal(of: Array((full + "x").utf8)) == .tooLong(limit: 65_536))
        #expect(try targetURL("data:,\(full)").scheme == .data)
    }

    @Test(arguments: [
        ("http://EXAMPLE.com./x", "example.com:80"), ("https://[::1]:8443/", "[::1]:8443"),
        ("https://1.2.3.4", "1.2.3.4:443"),
    ])
    func aHostKeyContainsNameAndPort(text: String, expected: String) throws {
        #expect(try targetURL(text).hostKey.description == expected)
    }

    @Test func differentTextsOfOneURLAreEqual() throws {
        #expect(try targetURL("HTTP://A:80/b/../c#d") == targetURL("http://a/c"))
        #expect(try targetURL("http://a/c") != targetURL("https://a/c"))
    }

    @Test func aFaultOfTheSchemeHasItsOwnClass() {
        #expect(refusal(of: Array("a.b/c".utf8))?.errorClass == .scheme)
        #expect(refusal(of: Array("ftp://a".utf8))?.errorClass == .scheme)
        #expect(refusal(of: Array("http://".utf8))?.errorClass == .url)
    }

    @Test func messagesSayWhatToChange() {
        #expect(
            refusal(of: Array("a.b".utf8))?.description
                == "the URL has no scheme; write https://a.b, or give --default-scheme"
        )
        #expect(
            refusal(of: Array("http://a b/c".utf8))?.description
                == "the host contains a space; use letters, digits, hyphens and dots"
        )
        #expect(
            refusal(of: Array("http://\u{378}/".utf8))?.description.contains("the character U+0378") == true
        )
    }

    @Test(arguments: [
        ("\"http://a/x\"", "the URL stands in quotes; write it without them"),
        ("'https://a/x'", "the URL stands in quotes"),
        ("\u{201C}http://a/x\u{201D}", "the URL stands in quotes"),
        ("<http://a/x>", "the URL stands in angle brackets; write it without them"),
        ("(http://a/x)", "the URL stands in brackets"), ("[x y](http://a/)", "the URL stands in brackets"),
        ("<loc>http://a/</loc>", "the URL stands in markup, at byte 6; write it without the markup"),
        ("<a href=\"http://a/\">", "the URL stands in markup, at byte 10"),
        (
            "1,http://a/x,title",
            "the line looks like a row of a table, with the URL at byte 3; give --input-format csv"
        ),
        ("\"a\",\"http://a/x\"", "a row of a table, with the URL at byte 6"),
        ("7;HTTP://a/x", "a row of a table"), ("x\thttp://a/", "a row of a table, with the URL at byte 3"),
        ("[\"http://a/x\"]", "looks like a JSON array; write each URL on a line of its own"),
        ("\u{A0}http://a/", "an invisible character, U+00A0, stands in front of the URL; remove it"),
        ("\u{FEFF}http://a/", "an invisible character, U+FEFF, stands in front"),
        ("\u{200B}http://a/", "an invisible character, U+200B, stands in front"),
        ("see http://a/x", "the URL begins only at byte 5, behind 'see '; remove the text before the URL"),
        ("url=http://a/x", "begins only at byte 5, behind 'url='"), ("URL:http://a/x", "behind 'URL:'"),
        ("1. https://a/", "the URL begins only at byte 4"), ("feed:https://a/", "behind 'feed:'"),
        (
            "id,url,title",
            "'id,url,title' is no URL; write one such as https://example.com/x, or give --input-format"
        ),
        ("id\turl", "or give --input-format csv or tsv if it belongs to a table with a header"),
        ("hello there", "'hello there' is no URL; write one such as https://example.com/x"),
        (
            "[",
            "'[' is no URL; if it is a part of a JSON text, write each task on a line of its own, as with jq"
        ),
        ("},", "as with jq -c '.[]'"), ("\"id\": 7,", "as with jq -c '.[]'"),
        ("  \"url\": \"http://a/\",", "as with jq -c '.[]'"), ("[1, 2]", "as with jq -c '.[]'"),
        (
            "[{\"url\":\"http://a/\"}]",
            "looks like a JSON array; write each URL on a line of its own, without quotes"
        ),
        ("a@b.example", "'a@b.example' is no URL"), ("hello%20there", "is no URL"),
        ("a.b/?u=http://c/", "the URL has no scheme; write https://a.b/?u=http://c/"),
        ("a.b:80/http://c/", "the URL has no scheme; write https://a.b:80/http://c/"),
        ("bücher/x", "the URL has no scheme; write https://bücher/x"), ("a.b\tc", "is no URL"),
        ("user:secret@h.example/x", "'h.example/x' is no URL"), ("u:secret@h x", "'h x' is no URL"),
        ("mailto:a@b.example", "the scheme 'mailto' is not supported"),
        ("ftp://a/?http://b/", "the scheme 'ftp' is not supported"),
        ("http//a.b/x", "the scheme lacks its colon; write http://a.b/x"),
        ("HTTPS//a.b/x", "write https://a.b/x"), ("http.//a/", "write http://a/"),
        ("https;//a/", "write https://a/"), ("\u{FF48}ttp://a/", "is no URL"),
        ("a.b:80?x", "write https://a.b:80?x"), ("a.b:80#x", "write https://a.b:80#x"),
        ("a.b:99999/x", "the port 99999 is out of range"), ("a.b:0", "the port 0 is out of range"),
        ("httpd//x", "write https://httpd//x"),
    ])
    func theAdviceFitsTheMistake(text: String, advice: String) {
        let said = refusal(of: Array(text.utf8))?.description ?? "not refused"
        #expect(said.contains(advice), "\(said)")
        #expect(!said.contains("https://\"") && !said.contains("https://<"))
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func theTextOfAnAcceptedURLIsReadAsTheSameURL(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var accepted = 0
        for round in 0..<20_000 {
            let bytes = generator.mutated(oddURLs[round % oddURLs.count])
            guard let url = try? TargetURL(reading: bytes.span) else { continue }
            accepted += 1
            let again = try TargetURL(reading: url.text.span)
            #expect(again.text == url.text && again.host == url.host && again.port == url.port)
            // A `data:` URL keeps the spaces of its path.
            #expect(url.text.allSatisfy { 0x21..<0x7F ~= $0 || $0 == 0x20 && url.scheme == .data })
        }
        #expect(accepted > 1_000)
    }
}
