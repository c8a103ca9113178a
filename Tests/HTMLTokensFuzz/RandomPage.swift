// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import SimulationSupport

/// A page of complete and damaged pieces of markup, and of random bytes.
struct RandomPage {
    /// The bytes of the page.
    private(set) var bytes: [UInt8] = []
    /// The bytes before the page when `fault` reads the page between other bytes.
    private let before: [UInt8]
    /// The bytes behind the page in the same reading.
    private let behind: [UInt8]

    /// Makes a page of 1 to 200 pieces or single bytes, and damages it at up to four places.
    init(using generator: inout SeededGenerator) {
        let count = generator.pick([1, 3, 8, 20, 60, 200])
        for _ in 0..<count {
            if generator.oneIn(12) {
                bytes.append(UInt8(truncatingIfNeeded: generator.next()))
            } else {
                bytes += generator.pick(Self.pieces).utf8
            }
        }
        // Damaged pieces can reveal faults of the reader that complete pieces do not reveal.
        for _ in 0..<generator.pick(0...4) where !bytes.isEmpty {
            let index = generator.pick(0...bytes.count - 1)
            switch generator.pick(0...3) {
            case 0: bytes.remove(at: index)
            case 1: bytes[index] = UInt8(truncatingIfNeeded: generator.next())
            case 2: bytes.insert(bytes[generator.pick(0...bytes.count - 1)], at: index)
            default: bytes.removeSubrange(index..<min(index + generator.pick(1...20), bytes.count))
            }
        }
        before = Array(generator.pick(["", "<", "<!--", "<script>", "</title"]).utf8)
        behind = Array(generator.pick(["", ">", "-->", "</script>", "amp;", "\""]).utf8)
    }

    /// Reads the page alone, between other bytes, and with both meanings of `noscript`; returns the first
    /// fault, or `nil` if there is none.
    func fault() -> String? {
        let around = before + bytes + behind
        let inside = around.span.extracting(before.count..<before.count + bytes.count)
        let alone = TokenTrace(of: bytes.span)
        if let fault = alone.fault { return "a token: \(fault)" }
        // The tokenizer must not read bytes before or after the page.
        guard alone.lines == TokenTrace(of: inside).lines else {
            return "the tokens depend on bytes around the page"
        }
        for noscript in [HTMLReader.Noscript.text, .markup] {
            if let fault = EventTrace.fault(of: bytes.span, noscript: noscript) {
                return "an event: \(fault)"
            }
        }
        return nil
    }

    static let pieces = [
        "<", "</", "<!", "<!-", "<!--", "-->", "--!>", "-", "--", ">", "/>", "/", "&", "&#", "&#x", ";", "=",
        "\"", "'", "`", " ",
        "\n", "\r\n", "\r", "\t", "\u{C}", "\0", "a", "A", "text", "some more text", "é", "日本", "𝔄", "&amp;",
        "&amp", "&nbsp;",
        "&notit;", "&#0;", "&#x41;", "&#128;", "&#xD800;", "&#99999999999;",
        "&CounterClockwiseContourIntegral;", "<?pi ?>",
        "<!DOCTYPE html>", "<!DOCTYPE html PUBLIC \"", "<!doctype", " SYSTEM 'x'", "<![CDATA[", "]]>", "]",
        "]]", "<html lang=de>",
        "<head>", "</head>", "<body>", "</body>", "</html>", "<title>", "</title>", "<TITLE>", "</tiTle >",
        "<textarea>", "</textarea>",
        "<script>", "</script>", "<script", "</script", "<!--<script>", "<style>", "</style>", "<xmp>",
        "</xmp>", "<iframe>",
        "</iframe>", "<noframes>", "<noembed>", "<noscript>", "</noscript>", "<plaintext>", "<template>",
        "</template>", "<svg>",
        "</svg>", "<math>", "</math>", "<foreignObject>", "</foreignObject>", "<desc>", "<mi>", "</mi>",
        "<mglyph>",
        "<annotation-xml>", "<annotation-xml encoding=text/html>", "</annotation-xml>", "<font color=x>",
        "<p>", "</p>", "<br>",
        "</br>", "<div>", "</div>", "<a href=x>", "<a href=\"a&amp;b\">", "</a>", "<table>", "<tr><td>",
        "</table>", "<td>",
        "<a\thref\n=\r'y'/x>", "<a x=1 X=2 =3 y>", "<b/>", "<g/>", "<g>", "</g>", "<base href=/>",
        "<meta name=description content=d>",
        "<select><option>", "</select>", "<li>", "<h1>", "</h2>", "<img src=x>",
    ]
}
