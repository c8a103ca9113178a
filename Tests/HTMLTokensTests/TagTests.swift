// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import Testing

/// Tests tags and attributes (HTML standard 13.2.5.6 to 8 and 32 to 40).
struct TagTests {
    private func tokens(_ html: String) -> [ShownToken] { ShownToken.all(of: Array(html.utf8)) }

    private func start(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        closing: Bool = false
    )
        -> ShownToken
    {
        .startTag(
            name,
            attributes.map { ShownAttribute(name: $0.key, value: $0.value) },
            isSelfClosing: closing
        )
    }

    @Test func theAttributesOfAnEndTagAreSkipped() {
        #expect(
            tokens("<DiV Class=A></dIV x=y/>z") == [start("div", ["class": "A"]), .endTag("div"), .text("z")]
        )
    }

    @Test(arguments: ["a<b", "a< b", "a<", "a</", "a<1", "a<=>", "<<"])
    func aLessThanSignIsTextUnlessItBeginsATag(html: String) {
        let isTag = html == "a<b"
        #expect(tokens(html) == (isTag ? [.text("a")] : [.text(html)]))
    }

    @Test func anEndTagWithoutANameIsIgnoredOrAComment() {
        #expect(tokens("a</>b") == [.text("ab")])
        #expect(tokens("a</ b>c") == [.text("a"), .comment(" b"), .text("c")])
        #expect(tokens("a</1>c") == [.text("a"), .comment("1"), .text("c")])
    }

    @Test(arguments: [
        "<a href", "<a href=", "<a href='x", "<a href=x", "<a ", "<a /", "<a href=x ", "</a ", "<a",
        "<a b=\"",
    ])
    func aTagThatThePageCutsOffIsIgnored(html: String) {
        #expect(tokens("t\(html)") == [.text("t")])
    }

    @Test(
        arguments: [
            ("<a href=/y>", "/y"), ("<a/href=/y>", "/y"), ("<a\u{C}href=/y>", "/y"),
            ("<a href = '/y'>", "/y"),
            ("<a x=y href=\"a>b\">", "a>b"), ("<a @click=\"x => go(x)\" href=y>", "y"),
            ("<a *ngIf='a > b' 😀=1 é=2 #ref=3 $x=4 [c]=5 (d)=6 href=y>", "y"), ("<a href=/y/>", "/y/"),
            ("<a x='1'href=y>", "y"), ("<a \" ' < ` href=y>", "y"), ("<a href>", ""), ("<a href=>", ""),
            ("<a href= >", ""), ("<a =href=z href=y>", "y"), ("<a href=a'b\"c<d=e`f>", "a'b\"c<d=e`f"),
            ("<a href=\"a\r\nb\rc\">", "a\nb\nc"), ("<a href=a\0b>", "a\u{FFFD}b"),
            ("<a HREF=x href=y>", "x"),
            ("<a x / y href=z>", "z"), ("<a x /href=z>", "z"), ("<a\thref\n=\r'y'>", "y"),
        ]
    )
    func attributesAreFoundInEachSpelling(html: String, href: String) {
        let page = Array(html.utf8)
        guard case .startTag("a", let attributes, _)? = ShownToken.all(of: page).first else {
            Issue.record("the first token of \(html) is no start tag `a`")
            return
        }
        #expect(attributes.first { $0.name == "href" }?.value == href)
    }

    @Test func theFirstAttributeOfANameCounts() {
        #expect(tokens("<a b=1 c=2 B=3 c>") == [start("a", ["b": "1", "c": "2"])])
    }

    @Test(
        arguments: [
            ("<br/>", true), ("<br />", true), ("<br x/>", true), ("<br x=''/>", true), ("<br x= y />", true),
            ("<br x=y/>", false), ("<br / >", false), ("<br>", false), ("<br x=/>", false), ("<br//>", true),
        ]
    )
    func aSlashClosesATagOnlyJustBeforeItsEnd(html: String, isSelfClosing: Bool) {
        guard case .startTag("br", _, isSelfClosing)? = tokens(html).first else {
            Issue.record("the tokens of \(html) are \(tokens(html))")
            return
        }
    }

    @Test func zeroBytesInNamesAreReplaced() {
        #expect(tokens("<a\0b c\0=d>") == [start("a\u{FFFD}b", ["c\u{FFFD}": "d"])])
    }

    @Test func bytesOutsideUTF8AreReadLikeLetters() {
        let page: [UInt8] =
            Array("<a ".utf8) + [0xFF, 0x80] + Array("=".utf8) + [0xC3] + Array(">b".utf8) + [0xE2]
        let tokens = ShownToken.all(of: page)
        #expect(tokens.count == 2)
        #expect(tokens.last == .text("b\u{FFFD}"))
    }

    @Test func namesAreComparedInAnyLetterCase() {
        let page = Array("<blockQuote><BLOCKQUOTE><blockquotf><b><B>".utf8)
        var tokenizer = HTMLTokenizer()
        let names = (0..<5).map { _ in tokenizer.next(in: page.span).name }
        #expect(names[0] == names[1])
        #expect(names[1] != names[2])
        #expect(names[3] == names[4])
        #expect(names[3] == HTMLName(Array("b".utf8).span))
    }
}
