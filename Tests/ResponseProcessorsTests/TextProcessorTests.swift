// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

struct TextProcessorTests {
    private func text(_ html: String) throws -> String {
        try result(.text, page(html))
    }

    @Test func blocksBecomeLinesWithCollapsedBlanks() throws {
        let html =
            "<html lang=de><title> T </title><h1>One</h1>\n <p>two  <b>th</b>ree&nbsp;four<br>five</p>\u{3000}six"
        #expect(
            try text(html) == #"{"title":"T","lang":"de","words":6,"text":"One\ntwo three four\nfive\nsix"}"#
        )
    }

    @Test func cellsOfARowShareALine() throws {
        let html = "<table><tr><td>a<td>b<tr><th>c</th><td>d</td></table>e"
        #expect(try text(html) == #"{"words":5,"text":"a b\nc d\ne"}"#)
    }

    @Test(arguments: [
        "<script>no</script>", "<style>no</style>", "<template><p>no</p></template>",
        "<noscript>no</noscript>",
        "<svg><title>no</title></svg>", "<!-- no -->", "<iframe>no</iframe>",
    ])
    func hiddenTextIsOmitted(hidden: String) throws {
        #expect(try text("<body>a \(hidden) b") == #"{"words":2,"text":"a b"}"#)
    }

    @Test func entitiesAreCharacters() throws {
        #expect(try text("a&lt;b&amp;&#233;&eacute;&quot;") == #"{"words":1,"text":"a<b&éé\""}"#)
    }

    @Test func longTextIsComplete() throws {
        let words = Array(repeating: "wörd", count: 50_000).joined(separator: " ")
        #expect(try text("<p>\(words)</p>") == #"{"words":50000,"text":"\#(words)"}"#)
    }

    @Test func anEmptyPageHasNoWords() throws {
        #expect(try text("<html lang=''><body></body>") == #"{"words":0,"text":""}"#)
    }

    @Test func pageInXMLSyntaxIsReadToItsEnd() throws {
        let xml = "<?xml version='1.0'?><head><script src='s.js'/></head><p><![CDATA[a < b]]></p>"
        #expect(try result(.text, xhtmlPage(xml)) == #"{"words":3,"text":"a < b"}"#)
    }
}
