// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import Testing

/// Tests character references (HTML standard 13.2.5.72 to 80).
struct ReferenceTests {
    private func text(_ html: String) -> String? {
        guard case .text(let text)? = ShownToken.all(of: Array(html.utf8)).first else { return nil }
        return text
    }

    private func value(_ html: String) -> String? {
        guard
            case .startTag(_, let attributes, _)? = ShownToken.all(of: Array("<a b=\"\(html)\">".utf8)).first
        else { return nil }
        return attributes.first?.value
    }

    @Test(
        arguments: [
            ("&amp;", "&"), ("&AMP;", "&"), ("&nbsp;", "\u{A0}"), ("&rightarrow;", "→"), ("&percnt;", "%"),
            ("&NewLine;", "\n"),
            ("&CounterClockwiseContourIntegral;", "∳"), ("&zwnj;", "\u{200C}"), ("&Aacute;", "Á"),
            ("&gg;", "≫"),
            ("&bne;", "=\u{20E5}"), ("&nvlt;", "<\u{20D2}"), ("&fjlig;", "fj"),
            ("&ThickSpace;", "\u{205F}\u{200A}"),
            ("&NotEqualTilde;", "≂\u{338}"), ("&caps;", "∩\u{FE00}"), ("&Afr;", "𝔄"), ("&race;", "∽\u{331}"),
            ("&nGt;", "≫\u{20D2}"), ("&zopf;", "𝕫"),
        ]
    )
    func namesAreThoseOfTheStandard(html: String, expected: String) {
        #expect(text("a\(html)b") == "a\(expected)b")
        #expect(value("a\(html)b") == "a\(expected)b")
    }

    @Test(
        arguments: [
            ("&amp", "&"), ("&nbsp", "\u{A0}"), ("&copy 2022", "© 2022"), ("&notit;", "¬it;"),
            ("&notin;", "∉"), ("&copysr;", "℗"),
            ("&eacutex", "éx"), ("&rightarrow", "&rightarrow"), ("&", "&"), ("&;", "&;"),
            ("& amp;", "& amp;"),
            ("&x;", "&x;"), ("&ampamp;", "&amp;"), ("&&amp;&", "&&&"), ("&ltlt;", "<lt;"), ("&Lt", "&Lt"),
            ("&#", "&#"),
        ]
    )
    func onlySomeNamesCountWithoutASemicolon(html: String, expected: String) {
        #expect(text(html) == expected)
    }

    @Test(
        arguments: [
            ("?a&copy=2", "?a&copy=2"), ("?a&copyb", "?a&copyb"), ("?a&copy", "?a©"), ("?a&copy;=2", "?a©=2"),
            ("&lt=3", "&lt=3"),
            ("&ampb", "&ampb"), ("&amp-", "&-"), ("&notit;", "&notit;"),
            ("https&colon;&sol;&sol;e.org&sol;q", "https://e.org/q"),
            ("&#65=", "A="), ("&#x41b", "\u{41B}"), ("&amp1", "&amp1"),
        ]
    )
    func inAttributesSomeNamesWithoutASemicolonAreText(html: String, expected: String) {
        #expect(value(html) == expected)
    }

    @Test(
        arguments: [
            ("&#65;", "A"), ("&#x41;", "A"), ("&#X4a;", "J"), ("&#65", "A"), ("&#65x", "Ax"),
            ("&#x;", "&#x;"), ("&#xz;", "&#xz;"),
            ("&#;", "&#;"), ("&#a", "&#a"), ("&#0;", "\u{FFFD}"), ("&#xD800;", "\u{FFFD}"),
            ("&#x110000;", "\u{FFFD}"),
            ("&#99999999999999999999999;", "\u{FFFD}"), ("&#x10FFFF;", "\u{10FFFF}"),
            ("&#147;x&#148;", "“x”"), ("&#150;", "–"),
            ("&#128;", "€"), ("&#129;", "\u{81}"), ("&#x9F;", "Ÿ"), ("&#13;", "\r"), ("&#1;", "\u{1}"),
            ("&#xFFFE;", "\u{FFFE}"),
            ("&#000000000000000000000000065;", "A"),
        ]
    )
    func numbersAreCharacters(html: String, expected: String) {
        #expect(text("\(html).") == "\(expected).")
        #expect(value("\(html).") == "\(expected).")
    }

    @Test(arguments: [("a\r\nb\rc\nd", "a\nb\nc\nd"), ("\r", "\n"), ("\r\r\n", "\n\n"), ("a\0b", "a\0b")])
    func lineEndsAreLineFeeds(html: String, expected: String) {
        #expect(text(html) == expected)
    }

    @Test func zeroBytesAreDroppedOrReplacedOnRequest() {
        let page = Array("a\0&lt;\0".utf8)
        var tokenizer = HTMLTokenizer()
        let token = tokenizer.next(in: page.span)
        var (dropped, replaced) = ([UInt8](), [UInt8]())
        HTMLText(token, zeros: .dropped).append(from: page.span, to: &dropped)
        HTMLText(token, zeros: .replaced).append(from: page.span, to: &replaced)
        #expect(String(decoding: dropped, as: UTF8.self) == "a<")
        #expect(String(decoding: replaced, as: UTF8.self) == "a\u{FFFD}<\u{FFFD}")
    }
}
