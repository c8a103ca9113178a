// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@Suite struct LinkBaseTests {
    private static let links = [
        "g", "g/h.html", "/g", "/", "//g", "/g//h", "g?y=/.z", "?y", "?y#s", "#", "#a b", "/x#\\y", "#s",
        "g#s", ".", "..", "../g", "/../g",
        "/a/./b", "a:b", "a/b:c",
        "/a:b", "a b", "a%20b", "a%2", "a\\b", "é", "", "http://a/b", "http://a/../b", "http://a",
        "http://A/b", "http://a:80/b",
        "http://ab/c", "https://a/b", "http:g", "mailto:x", "a\tb", "/a.b/.c", "a@b", "x|y", "/x'y", "?a\\b",
        "//a\"b/c\\d?e\\f",
    ]

    @Test(arguments: [
        "http://a/b/c/d;p?q", "http://a", "https://a:81/x/", "http://a/?x/y", "data:text/html,y",
        "http://a\"b/c?d", "http://a/?b\\c",
    ])
    func linkBaseAndURLReferenceGiveTheSameURL(page: String) throws {
        let url = try targetURL(page)
        let base = LinkBase(url)
        var generator = SeededGenerator(state: 7)
        var found = 0
        for round in 0..<20_000 {
            let link = Self.links[round % Self.links.count]
            let bytes = round < Self.links.count ? Array(link.utf8) : generator.mutated(link)
            var text = Array("before".utf8)
            let isURL = base.appendURL(of: bytes.span, to: &text)
            let expected = URLReference.resolve(bytes.span, against: url)
            #expect(isURL == (expected != nil))
            #expect(Array(text.dropFirst(6)) == inJSON(expected))
            found += isURL ? 1 : 0
        }
        #expect(found > 500)
    }

    @Test(arguments: [-1, 0, 1])
    func linkBaseAndURLReferenceAgreeOnTheLongestLink(more: Int) throws {
        let url = try targetURL("http://a/b/c")
        let link = [UInt8](
            repeating: UInt8(ascii: "x"),
            count: TargetURL.maxTextBytes - "http://a/b/".utf8.count + more
        )
        var text: [UInt8] = []
        #expect(LinkBase(url).appendURL(of: link.span, to: &text) == (more <= 0))
        #expect(text == URLReference.resolve(link.span, against: url)?.text ?? [])
    }
}
