// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

/// Tests that odd, damaged and misplaced markup is read as in browsers.
struct BrokenMarkupTests {
    private func text(_ html: String) throws -> String {
        try result(.text, page(html))
    }

    private func links(_ html: String) throws -> String {
        try result(.links, page(html))
    }

    @Test(
        arguments: [
            (
                "<!doctype html><title>t</title><header>Hello</header><main>World</main>",
                #""t","words":2,"text":"Hello\nWorld"}"#
            ),
            ("<!doctype html><title>t</title><main><p>World</p></main>", #""t","words":1,"text":"World"}"#),
            (
                "<title>t</title><my-app>Hello<p>World</p></my-app><section>more</section>",
                #""t","words":3,"text":"Hello\nWorld\nmore"}"#
            ),
            (
                "<head><title>t</title><main>in main</main></head><body>b</body>",
                #""t","words":3,"text":"in main\nb"}"#
            ),
        ]
    )
    func headAndBodyMayBeMissing(html: String, rest: String) throws {
        #expect(try text(html) == #"{"title":"# + rest)
    }

    @Test(
        arguments: ["noscript", "template", "iframe", "noframes", "noembed"],
        [
            "<div>", "<td>", "<tr><td>x", "<table>", "<p>", "<span>", "<ul><li>", "<svg>", "<a href=/ghost",
            "<img src=x",
        ]
    )
    func openElementsInAHiddenElementEndWithIt(name: String, inside: String) throws {
        // The contents of a template are markup, so an unfinished tag in a template needs a `>` to end it.
        let isTorn = name == "template" && !inside.hasSuffix(">") && !inside.hasSuffix("x")
        let close = isTorn || inside.hasSuffix("=x") && name == "template" ? ">" : ""
        let html = "<body><p>first<\(name)>\(inside)\(close)</\(name)><p>second<a href=/x>third</a>"
        #expect(try text(html) == #"{"words":2,"text":"first\nsecondthird"}"#)
        #expect(try links(html) == #"{"links":["http://h.test/x"],"count":1}"#)
    }

    @Test(arguments: ["<!-- x", "<style>x", "<script>x", "<textarea>", "<title>"])
    func aNoscriptEndsAtItsEndTag(inside: String) throws {
        let html = "<body>first<noscript>\(inside)</noscript> <a href=/x>rest</a>"
        #expect(try text(html) == #"{"words":2,"text":"first rest"}"#)
        #expect(try links(html) == #"{"links":["http://h.test/x"],"count":1}"#)
    }

    @Test(
        arguments: [
            ("The <script> element", "The <script> element"), ("The <!-- comment", "The <!-- comment"),
            ("a<b", "a<b"),
            ("C++ vector<int> guide", "C++ vector<int> guide"), ("List<String> & <T>", "List<String> & <T>"),
            ("a\0b", "a\u{FFFD}b"),
        ]
    )
    func aTitleContainsNoMarkup(title: String, expected: String) throws {
        let html = "<title>\(title)</title><a href=/x>x</a><p>body"
        #expect(try links(html) == #"{"title":"\#(expected)","links":["http://h.test/x"],"count":1}"#)
        #expect(try text(html) == #"{"title":"\#(expected)","words":2,"text":"x\nbody"}"#)
    }

    @Test(arguments: [
        "<textarea><!-- </textarea>", "<textarea><a title=\"</textarea>",
        "<textarea><a href=/ghost>t</a></textarea>",
        "<xmp><a href=/ghost></xmp>", "<iframe><a href=/ghost></iframe>",
        "<noembed><a href=/ghost></noembed>",
        "<noframes><a href=/ghost></noframes>",
        "<script><!-- <script> </script> <a href=/ghost> --></script>",
        "<script src=/s.js />var u=\"<a href=/ghost>\"</script>", "<template><a href=/ghost></template>",
        "<!--><!-- <a href=/ghost> -->", "<!--->", "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN>",
        "<style><a href=/ghost></style>",
    ])
    func linksAreTakenOnlyFromMarkup(html: String) throws {
        #expect(try links("\(html)<a href=/x>x</a>") == #"{"links":["http://h.test/x"],"count":1}"#)
    }

    @Test(arguments: [
        "<a @click=\"x => go(x)\" href=/x>",
        "<a (click)='a > b' [class]=c *ngIf='a > b' #ref=r $x=1 😀=2 é=3 href=/x>", "<a/href=/x>",
        "<a\u{C}href=/x>", "<a href=&sol;x>", "<a href='/&Tab;x'>", "<a href=/x HREF=/y>",
        "<svg><a href=/x></svg>",
        "<a href=http&colon;&sol;&sol;h.test&sol;x>", "<map><area href=/x></map>",
        "<noscript><a href=/x></noscript>",
    ])
    func tagsAreReadAsInBrowsers(html: String) throws {
        #expect(try links(html) == #"{"links":["http://h.test/x"],"count":1}"#)
    }

    @Test(
        arguments: [
            ("a<![if !IE]>b<![endif]>c", "abc"), ("a<!foo>c", "ac"), ("a<! x>c", "ac"), ("a<!- x ->c", "ac"),
            ("a</!-->c", "ac"),
            ("a</ b>c", "ac"), ("a</1>c", "ac"), ("a</>c", "ac"),
            ("a<script src=/s.js />var u</script>b", "ab"),
            ("<script><!-- <script> x </script> y --></script>b", "b"), ("a<![CDATA[b]]>c", "ac"),
            ("<svg><![CDATA[a<b]]></svg>", "a<b"),
            ("<button @click=\\\"x => go(x)\\\">Buy</button>", "Buy"), ("one\u{C}two", "one two"),
            ("a</p>b", "a\\nb"),
            ("a\0b", "ab"), ("a</br>b", "a\\nb"), ("<svg><text>a</text><text>b</text></svg>c", "a b c"),
            ("<table>a<tr><td>b</table>", "a\\nb"), ("<select><option>a<option>b</select>", "a\\nb"),
        ]
    )
    func textIsWhatBrowsersShow(html: String, shown: String) throws {
        let html = html.replacing("\\\"", with: "\"")
        let json = try text("<body>\(html)")
        #expect(json.hasSuffix(#""text":"\#(shown)"}"#), "\(json)")
    }

    @Test(
        arguments: [
            ("&rightarrow; &percnt; &comma; &AMP; &copysr;", "→ % , & ℗"),
            ("Copyright &copy 2022", "Copyright © 2022"),
            ("&nbsp &nbsp x", "x"), ("&#147;x&#148; &#150; &#128;", "“x” – €"),
            ("&#0; &#xD800; &#x110000;", "\u{FFFD} \u{FFFD} \u{FFFD}"),
            ("&#xz;", "&#xz;"), ("&amp;lt;", "&lt;"),
        ]
    )
    func characterReferencesAreThoseOfTheHTMLStandard(html: String, shown: String) throws {
        #expect(try text("<p>\(html)").hasSuffix(#""text":"\#(shown)"}"#))
    }

    @Test(
        arguments: [
            ("<script></script><html lang=de>", "de"), ("<br><b>Warning</b><html lang=fr>", "fr"),
            ("<html><html lang=fr>", "fr"),
            ("<html lang=de><html lang=fr>", "de"), ("<html xml:lang=it>", "it"),
            ("<html lang='' xml:lang=fr>", nil),
            ("<template><html lang=de></template>", nil), ("<svg><html lang=de></svg>", nil),
            ("<title><html lang=de></title>", nil),
        ] as [(String, String?)]
    )
    func theFirstLanguageOfAnHTMLTagCounts(html: String, language: String?) throws {
        let json = try text("\(html)<p>x")
        #expect(json.contains(#""lang":"#) == (language != nil))
        if let language { #expect(json.contains(#""lang":"\#(language)""#)) }
    }

    @Test(
        arguments: [
            ("<template><base href=/c/></template>", "http://h.test/dir/y"),
            ("<svg><base href=/c/></svg>", "http://h.test/dir/y"),
            ("<base href=/c/><base href=/d/>", "http://h.test/c/y"),
            ("<base href='data:,'>", "http://h.test/dir/y"),
            ("<base href='javascript:x'>", "http://h.test/dir/y"),
            ("<base href='http://['>", "http://h.test/dir/y"),
            ("<base href='mailto:a@b.test'>", nil), ("<base href='ftp://f.test/'>", nil),
            ("<base href=' about:blank'>", nil),
            ("<base href='file:///x/'>", nil), ("<base target=a><base href=c/>", "http://h.test/dir/c/y"),
        ] as [(String, String?)]
    )
    func theFirstBaseCountsAsInBrowsers(html: String, link: String?) throws {
        let links = [link, "http://e.test/z"].compactMap { $0.map { "\"\($0)\"" } }
        let json = try self.links("\(html)<a href=y>y</a><a href=http://e.test/z>z</a>")
        #expect(json == "{\"links\":[\(links.joined(separator: ","))],\"count\":\(links.count)}")
    }

    @Test func theFirstCanonicalThatIsAURLCounts() throws {
        let html =
            "<link rel=canonical href='http://['><link rel=canonical href=/c><link rel=canonical href=/d>"
        #expect(try links(html) == #"{"canonical":"http://h.test/c","links":[],"count":0}"#)
    }
}
