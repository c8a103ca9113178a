// SPDX-License-Identifier: MIT
// fetchpool

/// The elements that a processor tells apart; `other` is the rest.
enum HTMLElement: Sendable {
    case a, area, base, html, link, meta, svg, title
    /// Elements whose text no reader sees: head, script, style, template, noscript and frames' fallbacks.
    case hidden
    /// Elements that begin and end a line: those that HTML's rendering rules display as blocks, and `br`.
    case block
    /// Table cells, which stand beside each other in a line.
    case cell
    case other
}

/// Finds elements by the bytes of their names, without making strings.
///
/// It is an open-addressed table. Names of up to eight bytes are told apart exactly; longer ones by their first eight and their length,
/// which an unknown element of the same beginning and length would share, at no harm.
struct HTMLElementTable: Sendable {
    private struct Slot: Sendable {
        var key: UInt64 = 0
        var element = HTMLElement.other
    }

    private var slots = [Slot](repeating: Slot(), count: 512)

    private static let names: [(HTMLElement, [StaticString])] = [
        (.a, ["a"]), (.area, ["area"]), (.base, ["base"]), (.html, ["html"]), (.link, ["link"]),
        (.meta, ["meta"]), (.svg, ["svg"]), (.title, ["title"]),
        (.hidden, ["head", "script", "style", "template", "noscript", "iframe", "noframes", "noembed"]),
        (
            .block,
            [
                "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd",
                "details",
                "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
                "h1",
                "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "listing", "main",
                "menu",
                "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "select", "summary",
                "table",
                "tbody", "textarea", "tfoot", "thead", "tr", "ul", "xmp",
            ]
        ),
        (.cell, ["td", "th"]),
    ]

    /// Fills the table.
    init() {
        for (element, names) in Self.names {
            for name in names {
                name.withUTF8Buffer { insert(element, key: Self.key(of: unsafe $0.span)) }
            }
        }
    }

    /// The element called `name`, which is in lower case.
    subscript(_ name: Span<UInt8>) -> HTMLElement {
        let key = Self.key(of: name)
        var index = Self.index(of: key)
        while slots[index].key != 0 {
            if slots[index].key == key { return slots[index].element }
            index = (index + 1) & 511
        }
        return .other
    }

    private mutating func insert(_ element: HTMLElement, key: UInt64) {
        var index = Self.index(of: key)
        while slots[index].key != 0 { index = (index + 1) & 511 }
        slots[index] = Slot(key: key, element: element)
    }

    private static func key(of name: Span<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        for index in 0..<min(name.count, 8) { key = key << 8 | UInt64(name[index]) }
        // Names are ASCII, so the top bits are free to hold a longer name's length.
        return name.count > 8 ? key ^ UInt64(name.count & 0xFF) << 56 | 1 << 63 : key
    }

    /// Multiplicative hashing: the golden ratio as a 64-bit fraction, the top nine bits.
    private static func index(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 55)
    }
}
