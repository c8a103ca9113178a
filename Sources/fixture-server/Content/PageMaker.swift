// SPDX-License-Identifier: MIT
// fetchpool

/// A generator of the pages of `/page/N` and `/task/WHAT`, of about 50 KB each.
///
/// The same number and the same inserted HTML always give the same bytes. The text consists of fragments that
/// are generated once. A page is a selection of fragments with links between them. Only the head and the
/// links are made for each page.
struct PageMaker {
    /// The number of links in a page; the last ten have the targets of the first ten.
    static let linkCount = 60
    /// The number of pages to which links can lead; the pages are numbered from 0.
    static let pageCount = 1000

    private static let words = """
        water light stone river house garden window bread winter summer morning evening letter number mountain valley
        paper copper silver bridge harbour market music silence question answer reason memory travel engine signal
        station island forest meadow cloud thunder shadow mirror candle kitchen table basket apple cherry almond
        walk carry build gather measure follow remember listen wonder plain quiet narrow gentle heavy bright early
        under over between against before after without toward every other second seldom often always nearly
        """.split { $0 == " " || $0 == "\n" }

    private let fragments: [[UInt8]]

    init() {
        var random = Random(seed: 1)
        fragments = (0..<256).map { _ in Self.fragment(&random) }
    }

    /// Returns the page of a number, with `insert` (HTML) directly after its heading.
    func page(_ number: Int, insert: String = "") -> [UInt8] {
        var random = Random(seed: UInt64(number) &+ 1000)
        var page: [UInt8] = []
        page.reserveCapacity(53_000)
        page += Self.head(number, &random).utf8
        page += insert.utf8
        var targets: [String] = []
        for index in 0..<Self.linkCount {
            page += "<p>".utf8
            page += fragments[random.next(below: fragments.count)]
            let target = index >= 50 ? targets[index - 50] : Self.target(index, &random)
            targets.append(target)
            page += " <a href=\"".utf8
            page += target.utf8
            page += "\">".utf8
            page += Self.words[random.next(below: Self.words.count)].utf8
            page += "</a>.</p>\n".utf8
        }
        page += "</body>\n</html>\n".utf8
        return page
    }

    private static func head(_ number: Int, _ random: inout Random) -> String {
        let topic = (0..<12).map { _ in words[random.next(below: words.count)] }.joined(separator: " ")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Page \(number): \(topic.prefix(24))</title>
            <meta name="description" content="Page \(number) is about \(topic) &amp; more.">
            <link rel="canonical" href="http://fixture.test/page/\(number)">
            <link rel="stylesheet" href="/style.css">
            </head>
            <body>
            <h1 id="top">Page \(number)</h1>

            """
    }

    /// Returns the target of a link, in one of the forms that are common on the web.
    ///
    /// Host names end in `.test`, a domain that is reserved for tests (RFC 6761 §6.2).
    private static func target(_ index: Int, _ random: inout Random) -> String {
        let page = random.next(below: pageCount)
        switch index % 25 {
        case 0: return "http://fixture.test/page/\(page)"
        case 1: return "https://fixture.test/page/\(page)?from=page&amp;part=\(index)"
        case 2: return "//fixture.test/page/\(page)"
        case 3: return "../page/\(page)"
        case 4: return "\(page)"
        case 5: return "./\(page)"
        case 6: return "/page/\(page)#part-\(index)"
        case 7: return "#top"
        case 8: return "mailto:someone@fixture.test"
        case 9: return "tel:+4930123456"
        case 10: return "javascript:void(0)"
        case 11: return "?page=\(page)"
        case 12: return "/page/\(page)?q=caf%C3%A9&amp;n=1"
        default: return "/page/\(page)"
        }
    }

    /// Returns words and some markup, of at least 780 bytes.
    private static func fragment(_ random: inout Random) -> [UInt8] {
        var text = ""
        while text.utf8.count < 780 {
            let word = words[random.next(below: words.count)]
            switch random.next(below: 40) {
            case 0: text += "<em>\(word)</em> "
            case 1: text += "\(word)&nbsp;&amp; "
            case 2: text += "\(word), caf\u{E9}, "
            case 3: text += "\(word). "
            default: text += "\(word) "
            }
        }
        return Array(text.utf8)
    }
}
