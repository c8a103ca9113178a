// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import Testing

/// Tests comments, DOCTYPEs and CDATA sections (HTML standard 13.2.5.41 to 71).
struct DeclarationTests {
    private func tokens(_ html: String, allowsCDATA: Bool = false) -> [ShownToken] {
        ShownToken.all(of: Array(html.utf8), allowsCDATA: allowsCDATA)
    }

    @Test(
        arguments: [
            ("<!-- a -->", " a "), ("<!---->", ""), ("<!-->", ""), ("<!--->", ""), ("<!----->", "-"),
            ("<!--a--!>", "a"), ("<!--a-->", "a"), ("<!--a->b-->", "a->b"), ("<!--a--b-->", "a--b"),
            ("<!--a--!-->", "a--!"), ("<!----!>", ""), ("<!--!>-->", "!>"), ("<!---!>-->", "-!>"),
            ("<!--<!-->", "<!"), ("<!--a<!--b-->", "a<!--b"), ("<!--a\0\r\nb-->", "a\u{FFFD}\nb"),
            ("<!--&lt;-->", "&lt;"),
        ]
    )
    func commentsEndWhereBrowsersEndThem(html: String, text: String) {
        #expect(tokens("x\(html)y") == [.text("x"), .comment(text), .text("y")])
    }

    @Test(
        arguments: [
            ("<!--", ""), ("<!--a", "a"), ("<!--a-", "a"), ("<!--a--", "a"), ("<!--a--!", "a"), ("<!-", "-"),
            ("<!", ""),
            ("<!--a--->b", nil), ("<!--!", "!"), ("<!---", ""), ("<!x", "x"), ("<?x", "?x"),
        ] as [(String, String?)]
    )
    func aCommentEndsAtTheEndOfThePage(html: String, text: String?) {
        // The page whose `text` is `nil` has a complete comment, and text after the comment.
        #expect(tokens(html) == (text.map { [.comment($0)] } ?? [.comment("a-"), .text("b")]))
    }

    @Test(
        arguments: [
            ("<![if !IE]>", "[if !IE]"), ("<!foo>", "foo"), ("<! x>", " x"), ("<!- x ->", "- x -"),
            ("<?php a ?>", "?php a ?"),
            ("</!-->", "!--"), ("<![CDATA[b]]>", "[CDATA[b]]"), ("<!DOCTYP html>", "DOCTYP html"),
        ]
    )
    func malformedMarkupIsACommentUpToTheNextGreaterThanSign(html: String, text: String) {
        #expect(tokens("x\(html)y") == [.text("x"), .comment(text), .text("y")])
    }

    @Test(
        arguments: [
            ("html", "html", nil, nil, false), (" HtMl ", "html", nil, nil, false), ("", nil, nil, nil, true),
            (" html PUBLIC \"p\" 's'", "html", "p", "s", false),
            (" html public'p'\"s\"", "html", "p", "s", false),
            (" html PUBLIC \"p\"", "html", "p", nil, false), (" html SYSTEM 's'", "html", nil, "s", false),
            (" html SYSTEM 's' x", "html", nil, "s", false), (" html PUBLIC", "html", nil, nil, true),
            (" html PUBLIC x", "html", nil, nil, true), (" html PUBLIC 'p' x", "html", "p", nil, true),
            (" html x", "html", nil, nil, true), (" html SYSTEM", "html", nil, nil, true),
            (" html PUBLIC \"p", "html", "p", nil, true), (" html SYSTEM 's", "html", nil, "s", true),
            (" html PUBLIC 'p' 's", "html", "p", "s", true),
            (" a\0b SYSTEM '\0\r'", "a\u{FFFD}b", nil, "\u{FFFD}\n", false),
        ] as [(String, String?, String?, String?, Bool)]
    )
    func doctypesHaveNamesIdentifiersAndQuirks(
        rest: String,
        name: String?,
        publicID: String?,
        systemID: String?,
        quirks: Bool
    ) {
        let expected = ShownToken.doctype(name, publicID: publicID, systemID: systemID, forcesQuirks: quirks)
        #expect(tokens("<!doctype\(rest)>y") == [expected, .text("y")])
        // The end of the page in a DOCTYPE forces quirks mode. The only exception is the "bogus DOCTYPE
        // state": in this state, the end of the page does not change the force-quirks flag.
        let cutOff = ShownToken.doctype(
            name,
            publicID: publicID,
            systemID: systemID,
            forcesQuirks: quirks || rest != " html SYSTEM 's' x"
        )
        #expect(tokens("<!DOCTYPE\(rest)") == [cutOff])
    }

    @Test func aDoctypeEndsDespiteAnOpenQuotationMark() {
        let html = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN><p>"
        #expect(tokens(html).last == .startTag("p", [], isSelfClosing: false))
    }

    @Test func aCDATASectionIsTextWhereItIsAllowed() {
        #expect(tokens("a<![CDATA[<b>&lt;]]]>c", allowsCDATA: true) == [.text("a<b>&lt;]c")])
        #expect(tokens("a<![CDATA[b", allowsCDATA: true) == [.text("ab")])
        #expect(tokens("a<![CDATA[\0]]>", allowsCDATA: true) == [.text("a\0")])
        #expect(tokens("<![cdata[b]]>", allowsCDATA: true) == [.comment("[cdata[b]]")])
    }
}
