// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import SimulationSupport
import TestThreads
import Testing

@testable import ResponseProcessors

/// Tests that the result is the same when the parser skips text that no one needs.
@Suite struct PassedTextTests {
    /// The pieces of the pages: complete, incomplete and misplaced markup, and text with all kinds of
    /// endings.
    private static let pieces = [
        "<", "</", "<!", ">", "/>", "&", "=", "\"", "'", " ", "\n", "a", "text", "some more text", "é", "日本",
        "\u{1}", "x>y", "&amp;",
        "&#0;", "&#x41;", "&nbsp;", "&lt;b&gt;", "<!--", "-->", "<?pi", "?>", "<!DOCTYPE html>", "<html>",
        "</html>", "<head>", "</head>",
        "<body>", "</body>", "<title>", "</title>", "<p>", "</p>", "<p class=x>", "<p >", "<p/>", "<b>",
        "</b>", "<a href=\"u\">", "</a>",
        "</a\n>", "<A HREF=Up>", "</A>", "<a href='>' title=\">\">", "<a href=z", "<br>", "<br/>", "<br />",
        "<img src=x>", "<li>", "<ul>",
        "</ul>", "<table><tr><td>", "</table>", "<script>", "</script>", "<style>", "</style>", "<noscript>",
        "</noscript>", "<svg>",
        "</svg>", "<base href=/z/>", "<meta name=description content=d>", "<link rel=canonical href=c>",
        "<div><div>", "</div>", "<_x>",
        "<:y>", "<frameset>", String(repeating: "x", count: 990), String(repeating: " ", count: 995),
        String(repeating: ">", count: 1_001),
        String(repeating: "é", count: 999), "<p>" + String(repeating: "<b>", count: 40),
    ]

    @Test(.ownThread, arguments: 1...8 as ClosedRange<UInt64>)
    func tagsAreTheSame(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var passed = 0
        for _ in 0..<1_500 {
            let count = [3, 8, 20, 60].randomElement(using: &generator)!
            let html = (0..<count).map { _ in Self.pieces.randomElement(using: &generator)! }.joined()
            let page = PageText(decoding: Array(html.utf8), charset: "utf-8")
            let all = Witness(of: page, wanting: .all)
            let titles = Witness(of: page, wanting: .titles)
            let none = Witness(of: page, wanting: .none)
            #expect(titles.tags == all.tags, "\(html)")
            #expect(titles.titleText == all.titleText, "\(html)")
            #expect(none.tags == all.tags, "\(html)")
            passed += all.textBytes - none.textBytes
        }
        #expect(passed > 100_000, "text was passed over")
    }

    @Test func titlesAreWholeWhereverTheyStand() throws {
        let html =
            "text before <title>A <i>title</i> &amp; more</title>, text after <b>x</b> text <title>no</title>"
        #expect(try result(.links, page(html)) == #"{"title":"A title & more","links":[],"count":0}"#)
    }
}

/// Records all tags, with four of their attributes, and the text of titles.
private final class Witness: HTMLEvents {
    enum Wish {
        case all, titles, none
    }

    private(set) var tags = ""
    private(set) var titleText: [UInt8] = []
    private(set) var textBytes = 0
    private var depth = 0
    private let wish: Wish

    init(of page: PageText, wanting wish: Wish) {
        self.wish = wish
        super.init()
        HTMLParser.parse(page, telling: self)
    }

    override var wantsText: Bool { wish == .all || wish == .titles && depth > 0 }

    override func start(_ element: HTMLElement, _ attributes: borrowing HTMLAttributes) {
        if element == .title { depth += 1 }
        tags += "<\(element)"
        for name in ["href", "class", "title", "content"] as [StaticString] {
            if let value = attributes[name] { tags += " \(name)=\(String(decoding: value, as: UTF8.self))" }
        }
    }

    override func end(_ element: HTMLElement) {
        if element == .title { depth -= 1 }
        tags += ">\(element)"
    }

    override func text(_ text: Span<UInt8>) {
        textBytes += text.count
        if depth > 0 { titleText += text.array(0..<text.count) }
    }
}
