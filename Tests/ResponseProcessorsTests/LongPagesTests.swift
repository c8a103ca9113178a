// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@testable import ResponseProcessors

/// Tests of the limits for a result, and of the places at which texts beyond a limit are cut.
struct LongPagesTests {
    @Test func linksThatDoNotFitAreLeftOut() throws {
        let html = (0..<9_000).map { "<a href=/\($0)/\(String(repeating: "x", count: 2_000))>" }.joined()
        let text = try result(.links, page("<title>T</title>" + html))
        #expect(text.utf8.count <= WireLimits.maxResultBytes)
        #expect(
            text.utf8.count > WireLimits.maxResultBytes - 2_300,
            "the list ends although the next link fits"
        )
        #expect(text.hasPrefix(#"{"title":"T","links":["http://h.test/0/x"#))
        let count = try #require(text.suffix(60).firstMatch(of: #/"\],"count":(\d+),"truncated":true}$/#)?.1)
        #expect(text.count(of: "http://") == Int(count))
    }

    @Test func textThatDoesNotFitEndsAfterAWord() throws {
        let word = String(repeating: "ab\"cd", count: 400)
        let text = try result(.text, page(String(repeating: word + " <p>", count: 9_000)))
        #expect(text.utf8.count <= WireLimits.maxResultBytes)
        #expect(text.utf8.count > WireLimits.maxResultBytes - 2_600)
        #expect(text.hasPrefix(#"{"words":9000,"text":"ab\"cdab\"cd"#))
        #expect(text.hasSuffix(#"ab\"cd","truncated":true}"#))
    }

    @Test func longTitlesLeaveRoomForTheRest() throws {
        let title = String(repeating: "title ", count: 200_000)
        let html = "<title>\(title)</title><meta name=description content='\(title)'><a href=/a>text</a>"
        let links = try result(.links, page(html))
        #expect(links.hasSuffix(#"title","links":["http://h.test/a"],"count":1,"truncated":true}"#))
        let text = try result(.text, page(html))
        #expect(text.hasSuffix(#"title","words":1,"text":"text","truncated":true}"#))
        #expect(try result(.links, page("<title>t</title>")) == #"{"title":"t","links":[],"count":0}"#)
    }

    @Test(arguments: [
        ("ab cd ef", 10, "ab cd ef"), ("ab cd ef", 9, "ab cd"), ("ab cd ef", 8, "ab cd"),
        ("ab cd ef", 7, "ab cd"),
        ("ab cd ef", 6, "ab"), ("ab cd", 3, "a"), ("ab cd", 2, ""), ("ab cd", 0, ""),
        ("a\nb c", 5, "a"), ("a\nb c", 6, "a\nb"), ("\"\\ x", 6, "\"\\"), ("\u{1}\u{2}", 14, "\u{1}\u{2}"),
        ("\u{1}\u{2}", 13, "\u{1}"), ("äöü", 7, "äö"), ("äöü", 6, "äö"), ("äöü", 5, "ä"), ("😀", 5, ""),
        ("\u{7F}\u{85}\u{200F}", 20, "\u{7F}\u{85}\u{200F}"), ("\u{7F}\u{85}\u{200F}", 19, "\u{7F}\u{85}"),
        ("\u{7F}\u{85}\u{200F}", 13, "\u{7F}"),
    ])
    func excerptsFitInJSON(text: String, room: Int, expected: String) {
        let bytes = Array(text.utf8)
        let end = TextExcerpt.end(in: bytes.span, room: room)
        #expect(String(decoding: bytes[..<end], as: UTF8.self) == expected)
        #expect(expected.json.description.utf8.count <= max(room, 2))
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
