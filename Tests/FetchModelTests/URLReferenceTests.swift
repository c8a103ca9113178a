// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestThreads
import Testing

@Suite struct URLReferenceTests {
    /// The examples of RFC 3986 §5.4.1.
    ///
    /// Fragments are dropped, and a scheme that cannot be fetched gives `nil`.
    @Test(
        arguments: [
            ("g:h", nil), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"), (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y"), ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"), ("../", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"),
            ("../../", "http://a/"), ("../../g", "http://a/g"),
        ] as [(String, String?)]
    )
    func theNormalExamplesOfTheRFCAreResolved(link: String, expected: String?) throws {
        #expect(try resolved(link, against: "http://a/b/c/d;p?q") == expected)
    }

    /// The examples of RFC 3986 §5.4.2.
    ///
    /// `http:g` is parsed as in browsers.
    @Test(arguments: [
        ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"), ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"), ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"), ("./g/.", "http://a/b/c/g/"), ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"), ("g;x=1/./y", "http://a/b/c/g;x=1/y"), ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"), ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("g#s/./x", "http://a/b/c/g"),
        ("g#s/../x", "http://a/b/c/g"), ("http:g", "http://a/b/c/g"),
    ])
    func theAbnormalExamplesOfTheRFCAreResolved(link: String, expected: String) throws {
        #expect(try resolved(link, against: "http://a/b/c/d;p?q") == expected)
    }

    @Test(
        arguments: [
            (" \n/a\tb\r\n ", "https://h/ab"), ("\\\\g\\x", "https://g/x"),
            ("a\\b?c\\d", "https://h/p/a/b?c\\d"),
            ("a b", "https://h/p/a%20b"), ("é", "https://h/p/%C3%A9"), ("100%", "https://h/p/100%"),
            ("%4g%41", "https://h/p/%4g%41"),
            ("HTTP://G/x", "http://g/x"), ("http:g", "http://g/"), ("https:\\g", "https://h/g"),
            ("http:///g", "http://g/"),
            ("///g/x", "https://g/x"), ("a:b", nil), ("./a:b", "https://h/p/a:b"), ("mailto:a@b", nil),
            ("javascript:void(0)", nil),
            ("java\nscript:x", nil), ("data:,x", nil), ("//u:p@g/", "https://g/"), ("//g:99999/", nil),
            ("//0x7f.1/", "https://127.0.0.1/"), ("//bücher.example", "https://xn--bcher-kva.example/"),
            ("http:", nil),
            ("//", nil), ("1:2", "https://h/p/1:2"), ("a\u{0}b", "https://h/p/a%00b"),
        ] as [(String, String?)]
    )
    func linksAreCleanedAsInBrowsers(link: String, expected: String?) throws {
        #expect(try resolved(link, against: "https://h/p/q?r") == expected)
    }

    @Test func aDataPageHasOnlyAbsoluteLinks() throws {
        #expect(try resolved("x", against: "data:text/html,y") == nil)
        #expect(try resolved("//g", against: "data:text/html,y") == nil)
        #expect(try resolved("http://g/x", against: "data:text/html,y") == "http://g/x")
    }

    @Test(.ownThread) func eachResolvedLinkCanBeFetched() throws {
        var generator = SeededGenerator(state: 3)
        let base = try targetURL("http://a/b/c/d;p?q")
        let links =
            oddURLs + ["../g?y#s", "/x/y%20z", "//h:8080/x", "g;x=1/../y", "?a=b&c=d", "\\\\h\\x", "a b/é"]
        var found = 0
        for round in 0..<20_000 {
            let bytes = generator.mutated(links[round % links.count])
            guard let url = URLReference.resolve(bytes.span, against: base) else { continue }
            found += 1
            #expect(try TargetURL(reading: url.text.span) == url)
            #expect(url.scheme != .data)
        }
        #expect(found > 2_000)
    }

    @Test(
        arguments: [
            ("http://a/x?off=50%", "http://a/b"), ("http://a/c/x#a%b", "http://a/c/b"),
            ("http://a\\c\\x", "http://a/c/b"), ("http://u:p@a/c/x", "http://a/c/b"),
            ("http://u@v:p@a:81/c/x?@", "http://a:81/c/b"), ("http://a/ü x", "http://a/b"),
            ("http://bücher.example/", "http://xn--bcher-kva.example/b"), ("http://[/", nil),
            ("nonsense", nil), ("", nil),
        ] as [(String, String?)]
    )
    func anyPageResolvesAbsoluteLinksAndAPageWithAValidURLAlsoRelativeLinks(
        page: String,
        expected: String?
    ) throws {
        let cleaned = URLReference.page(Array(page.utf8).span)
        let url = try #require(cleaned)
        let relative = URLReference.resolve(Array("b".utf8).span, against: url)
        #expect(relative?.description == expected)
        let absolute = URLReference.resolve(Array("http://h/i".utf8).span, against: url)
        #expect(absolute?.description == "http://h/i")
    }
}
