// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

struct LinksProcessorTests {
    private func links(_ html: String) throws -> String {
        try result(.links, page(html))
    }

    @Test func linksAreAbsoluteAndUniqueInDocumentOrder() throws {
        let html = """
            <a href=b>1</a><a href="/a?x=1&amp;y=2">2</a><map><area href=//c.test/></map><a href=b#part>3</a>
            <a href="https://d.test">4</a><a name=x>5</a>
            """
        #expect(
            try links(html)
                == #"{"links":["http://h.test/dir/b","http://h.test/a?x=1&y=2","http://c.test/","https://d.test/"],"count":4}"#
        )
    }

    @Test(arguments: [
        "mailto:a@b.test", "javascript:void(0)", "data:,x", "ftp://f.test/", "http://[", "tel:1",
    ])
    func linksThatAreNoHTTPURLsAreLeftOut(link: String) throws {
        #expect(try links(#"<a href="\#(link)">x</a>"#) == #"{"links":[],"count":0}"#)
    }

    @Test func theFirstBaseWithAnHrefCountsForAllLinks() throws {
        let html = "<a href=a>1</a><base target=_top><base href=/first/><base href=/second/><a href=b>2</a>"
        #expect(try links(html) == #"{"links":["http://h.test/first/a","http://h.test/first/b"],"count":2}"#)
    }

    @Test func headElementsAreReadInAnyLetterCase() throws {
        let html = """
            <TITLE> A  title\n of&nbsp;two </TITLE><META NAME="Description" CONTENT=" what\nit  is ">
            <LINK REL="alternate Canonical" HREF="../c">
            """
        #expect(
            try links(html)
                == #"{"title":"A title of two","description":"what it is","canonical":"http://h.test/c","links":[],"count":0}"#
        )
    }

    @Test(arguments: [
        ("canonical", true), ("a CANONICAL", true), ("\tcanonical\n", true), ("a  canonical b", true),
        ("", false), (" ", false), ("canonicals", false), ("xcanonical", false), ("canonica l", false),
    ])
    func relIsAListOfWords(rel: String, isCanonical: Bool) throws {
        let found = try links("<link rel='\(rel)' href=/c>").contains(#""canonical":"http://h.test/c""#)
        #expect(found == isCanonical)
    }

    @Test func theFirstTitleOutsideSVGCounts() throws {
        let html = "<svg><title>icon</title></svg><title>page</title><title>other</title>"
        #expect(try links(html) == #"{"title":"page","links":[],"count":0}"#)
    }

    @Test func scriptsAndCommentsHoldNoLinks() throws {
        let html = "<script>'<a href=s>'</script><!-- <a href=c> --><style>a{}</style><a href=z>z</a>"
        #expect(try links(html) == #"{"links":["http://h.test/dir/z"],"count":1}"#)
    }

    @Test(arguments: [
        "", "no markup", "<", "<a", "<a href", "<a href=", "</", "<!", "<!--", "<a href='x", "\0<\0a",
    ])
    func damagedPagesHaveResults(html: String) throws {
        #expect(try links(html).hasSuffix("}"))
    }

    @Test func deepNestingIsRead() throws {
        let html = String(repeating: "<div><b>", count: 100_000) + "<a href=/deep>x</a>"
        #expect(try links(html) == #"{"links":["http://h.test/deep"],"count":1}"#)
    }

    @Test func aCommentOfMoreThanTenMegabytesDoesNotEndThePage() throws {
        let html = "<!--\(String(repeating: "x", count: 10_000_001))--><a href=/end>x</a>"
        #expect(try links(html) == #"{"links":["http://h.test/end"],"count":1}"#)
    }

    @Test func elementsOfXHTMLThatCloseThemselvesHoldNothing() throws {
        let xml = "<html><head><title/><style/></head><iframe src='i'/><a href='x'/></html>"
        #expect(try result(.links, xhtmlPage(xml)) == #"{"links":["http://h.test/dir/x"],"count":1}"#)
    }
}
