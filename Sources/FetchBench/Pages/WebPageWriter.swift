// SPDX-License-Identifier: MIT
// fetchpool

/// A writer of one generated page, whose parts are about as frequent as in real pages.
///
/// The bytes depend only on the page's number and size. `PageComposition` counts the parts.
struct WebPageWriter {
    /// The page so far.
    private(set) var text = ""
    /// The number of the page.
    let number: Int
    private var chance: CrawlList.Chance

    private static let words = """
        a the of and to in is on for with that from at by we you new more all our not are this has as
        water light stone river house garden window bread winter summer morning evening letter number mountain
        valley paper copper silver bridge harbour market music silence question answer reason memory travel
        engine signal station island forest meadow cloud thunder shadow mirror candle kitchen table basket
        apple cherry almond walk carry build gather measure follow remember listen wonder plain quiet narrow
        gentle heavy bright early information development international available understanding Wednesday
        government conference photography café Zürich über naïve façade Übersicht Größe señor élève —
        """.split { $0 == " " || $0 == "\n" }

    /// Returns the page with the number `number`, in UTF-8; the page has about `size` bytes.
    static func page(_ number: Int, size: Int) -> [UInt8] {
        var writer = WebPageWriter(number)
        writer.writeHead(size)
        writer.writeBody(size)
        return Array(writer.text.utf8)
    }

    private init(_ number: Int) {
        self.number = number
        chance = CrawlList.Chance(state: UInt64(number) &* 0x1_0001 &+ 149)
    }

    /// Returns the next random number below `limit`.
    mutating func random(below limit: Int) -> Int { Int(chance.next() % UInt64(limit)) }

    /// Adds text.
    mutating func write(_ more: String) { text += more }

    /// Adds one or two line breaks and an indentation, as templates leave them between tags.
    mutating func newLine() {
        text += "\n"
        if random(below: 3) == 0 { text += "\n" }
        text += String(repeating: " ", count: random(below: 8) * 4)
    }

    /// Returns a random word.
    mutating func word() -> Substring { Self.words[random(below: Self.words.count)] }

    /// Returns `count` random words, but at least one, separated by blanks.
    mutating func words(_ count: Int) -> String {
        var words = String(word())
        for _ in 1..<max(count, 1) { words += " " + word() }
        return words
    }

    /// Returns a part of a path, such as `river-house-market`.
    mutating func slug() -> String {
        (0..<2 + random(below: 4)).map { _ in Self.words[25 + random(below: 60)] }.joined(separator: "-")
    }

    /// Returns the target of a link.
    ///
    /// The kinds of targets are about as frequent as in real pages. On a real page, a quarter of the links
    /// repeat the target of another link. A third of the generated paths come from a set of 12 paths
    /// `/tag/page-N/`, which gives about as many repetitions.
    mutating func target() -> String {
        let path = random(below: 3) == 0 ? "/tag/page-\(random(below: 12))/" : "/\(slug())/\(slug())/"
        switch random(below: 100) {
        case 0..<58: return "https://www.site\(number % 40).test\(path)"
        case 58..<61: return "https://fixture.test\(path)?from=page&amp;part=\(random(below: 99))"
        case 61..<87: return path
        case 87..<92: return "\(slug()).html"
        case 92..<96: return "#section-\(random(below: 9))"
        case 96..<98: return "javascript:void(0)"
        case 98: return "mailto:someone@fixture.test"
        default: return "//cdn.fixture.test\(path)"
        }
    }

    /// Returns the address of a file that is part of the page, such as an image.
    mutating func asset(_ suffix: String) -> String {
        "https://cdn.site\(number % 40).test/wp-content/uploads/2024/0\(1 + random(below: 9))/"
            + "\(slug())-\(random(below: 9_000))\(suffix)"
    }
}
