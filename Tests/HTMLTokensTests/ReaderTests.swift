// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import Testing

/// Tests the rules of tree construction that separate tags from text.
struct ReaderTests {
    /// Returns the page as one line: its visible text, the text of each title in brackets, and marks for some
    /// elements.
    ///
    /// The marks are `<a>` for the start of a link, `|` for the start or end of a block, and `,` for the
    /// start or end of a cell.
    private func read(
        _ html: String,
        noscript: HTMLReader.Noscript = .text,
        isXML: Bool = false
    ) -> String {
        let page = Array(html.utf8)
        var reader = HTMLReader(noscript: noscript, isXML: isXML)
        var line = ""
        while true {
            switch reader.next(in: page.span) {
            case .start(let element, _):
                if element.name == .a { line += "<a>" }
                line += mark(element)
            case .end(let element): line += mark(element)
            case .text(let text, let place):
                var bytes: [UInt8] = []
                text.append(from: page.span, to: &bytes)
                let string = String(decoding: bytes, as: UTF8.self)
                line += place == .visible ? string : place == .title ? "[\(string)]" : ""
            case .pageEnd: return line
            }
        }
    }

    private func mark(_ element: HTMLElement) -> String {
        element.traits.contains(.block) ? "|" : element.traits.contains(.cell) ? "," : ""
    }

    @Test(
        arguments: [
            ("<title/><p>y", "|y", "[<p>y]"), ("<script src='x'/>y", "y", ""),
            ("<template/>y<iframe/>z", "yz", ""), ("<noscript/>y", "y", ""), ("<textarea/>y", "|y", "|y"),
            ("<p><![CDATA[a < b]]></p>", "|a < b|", "||"), ("<script><![CDATA[<a>]]></script>y", "y", "y"),
            ("<a href='x'/>y<svg/><![CDATA[z]]>", "<a>yz", "<a>y"), ("<div/>y</div>", "|y", "|y|"),
        ]
    )
    func xmlPagesHaveSelfClosingElementsAndCDATASections(html: String, asXML: String, asHTML: String) {
        #expect(read(html, isXML: true) == asXML)
        #expect(read(html) == asHTML)
    }

    @Test(
        arguments: [
            ("<title>C++ vector<int> &amp; <!-- x</title>y", "[C++ vector<int> & <!-- x]y"),
            ("<title>a</title><title>b</title>", "[a][b]"), ("<textarea><a>x</textarea>y", "|<a>x|y"),
            ("<style><a></style>y", "y"), ("<script><!--<script></script>--><a></script>y", "y"),
            ("<iframe><a></iframe>y", "y"), ("<noembed><a></noembed>y", "y"),
            ("<noframes><a></noframes>y", "y"), ("<xmp><a>&lt;</xmp>y", "|<a>&lt;|y"),
            ("<plaintext><a></plaintext>y", "|<a></plaintext>y"), ("<script/>x</script>y", "y"),
            ("<noscript><div></noscript>y", "y"), ("<noscript><!-- x</noscript>y", "y"),
        ]
    )
    func rawTextIsNotMarkup(html: String, shown: String) {
        // In `textarea`, `xmp` and `plaintext`, the shown `<a>` is text, not a link.
        #expect(read(html) == shown)
    }

    @Test(
        arguments: [
            ("x<template><td></template>y", "xy"),
            ("x<template><a><template></template><a></template>y", "xy"),
            ("x<template><script></template></script><a></template>y", "xy"), ("x</template>y", "xy"),
            ("x<template><svg></template>y<a>", "xy<a>"),
            ("x<template><svg><template></template>z</template>y", "xy"),
            ("x<template><svg><title></template>y", "xy"), ("x<template>y", "x"),
            ("<table><template><tr><td>x</template><tr><td>y</table>", "||,y|"),
            ("<template><table></template><tr><td>x", "x"),
            ("<template><table></table></template><table><tr><td>x</table><td>y", "||,x|y"),
            ("x<template><title>t</title></template>y<title>u</title>", "xy[u]"),
            ("x<template><div></div></template></div>y", "xy"),
        ]
    )
    func templatesAreNotPartOfThePage(html: String, shown: String) {
        #expect(read(html) == shown)
    }

    @Test(
        arguments: [
            ("<noscript><a>x</noscript>y", "<a>xy"), ("<noscript><!-- x</noscript><a>y", "<a>y"),
            ("<noscript><style></noscript><a>y", "<a>y"), ("<noscript><template></noscript><a>y", "<a>y"),
            ("<noscript><svg></noscript><textarea><a></textarea>y", "|<a>|y"),
            ("<noscript><a href='</noscript><a>y", "<a>y"),
            ("<noscript><noscript><a></noscript>x</noscript>y", "<a>xy"), ("<noscript><a>x", "<a>x"),
            ("<noscript><noscript><a>x", "<a>x"), ("<noscript><table></noscript><td>x", "|x"),
            ("<table><noscript></table></noscript><td>x", "||,x"),
            ("<template><noscript></template></noscript>x</template>y", "y"),
            ("<noscript><title>t</noscript>x", "[t]x"),
        ]
    )
    func markupInNoscriptEndsAtTheNoscriptEndTag(html: String, shown: String) {
        #expect(read(html, noscript: .markup) == shown)
    }

    @Test(
        arguments: [
            ("<svg><style><a>x</style></svg>y", "<a>y"), ("<svg><title>t<b></b></title></svg>y", "y"),
            ("<svg><title><title>t</title>u</title>y", "[t]y"),
            ("<svg><script>a<b></script></svg>y", "y"), ("<svg><script/><a>x", "<a>x"),
            ("<svg><![CDATA[<a>]]></svg>y", "<a>y"), ("<p><![CDATA[<a>]]>y", "|]]>y"),
            ("<svg><p><style><a></style>y", "|y"), ("<svg><textarea><a></svg>y", "<a>y"),
            ("<svg></p><style><a></style>y", "|y"),
            ("<svg></br><style><a></style>y", "|y"), ("<svg><font><style><a></style></svg>y", "<a>y"),
            ("<svg><font color=red><style><a></style>y", "y"),
            ("<math><mi><style><a></style></mi></math>y", "y"),
            ("<math><mi><mglyph><style><a></style></mglyph></mi></math>y", "<a>y"),
            ("<math><annotation-xml encoding='Text/HTML'><style><a></style></annotation-xml></math>y", "y"),
            ("<math><annotation-xml><style><a></style></annotation-xml></math>y", "<a>y"),
            (
                "<math><annotation-xml><svg><desc><style><a></style></desc></svg></annotation-xml></math>y",
                "y"
            ),
            ("<svg><foreignObject><style><a></style></foreignObject><style><a></style></svg>y", "<a>y"),
            ("<svg><foreignObject><div></foreignObject><style><a></style></svg>y", "|y"),
            ("<svg><foreignObject></div><style><a></style></foreignObject></svg>y", "y"),
            ("<svg/><style><a></style>y", "y"), ("<svg><g/><style><a></style></svg>y", "<a>y"),
            ("<div><svg><g></div><style><a></style>y", "||y"),
            ("<svg><g></div><style><a></style></svg>y", "<a>y"),
            ("<svg><g></svg><style><a></style>y", "y"),
            ("<svg><text>x</text><text>y</text></svg>z", ",x,,y,z"),
            ("<svg><td>x</svg>y", "xy"), ("<svg><noscript><a></noscript></svg>y", "<a>y"),
            ("<svg>x\0</svg>y\0", "x\u{FFFD}y"),
            ("<math><svg><foreignObject><style><a></style></math>y", "<a>y"),
        ]
    )
    func svgAndMathHaveSpecialRules(html: String, shown: String) {
        #expect(read(html) == shown)
    }

    @Test(
        arguments: [
            ("a</p>b", "a|b"), ("a</br>b", "a|b"), ("a</div>b", "ab"), ("<div>a</div>b</div>c", "|a|bc"),
            ("<h1>a</h2>b", "|a|b"),
            ("a<td>b<tr>c</td>d", "abcd"), ("<table><tr><td>a<td>b</table><td>c", "||,a,b|c"),
            ("a<body>b</body>c", "abc"),
            ("<head>a</head>b", "ab"), ("<select><option>a<a>b</select>c", "||a<a>b|c"),
            ("a<br>b<br/>c", "a|b|c"),
        ]
    )
    func aTagIsReportedOnlyIfTreeConstructionUsesIt(html: String, shown: String) {
        #expect(read(html) == shown)
    }

    @Test func deepNestingLosesNoText() {
        let html = String(repeating: "<svg><g>", count: 20_000) + "<a>x<p>y<style><a></style>z"
        #expect(read(html) == "<a>x|yz")
        #expect(
            read(
                String(repeating: "<template>", count: 20_000) + "<a>x"
                    + String(repeating: "</template>", count: 20_000) + "y"
            ) == "y"
        )
    }
}
