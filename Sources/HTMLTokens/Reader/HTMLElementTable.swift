// SPDX-License-Identifier: MIT
// fetchpool

/// A table that finds elements by name, without creating strings.
///
/// The table uses open addressing, and is at most half full.
struct HTMLElementTable: Sendable {
    private struct Slot: Sendable {
        var name = HTMLName()
        var element = HTMLElement.other
    }

    private var slots = [Slot](repeating: Slot(), count: 512)

    /// The shared table, which is filled at its first use.
    static let standard = HTMLElementTable()

    private init() {
        for (words, element) in Self.elements {
            words.withUTF8Buffer { bytes in
                let words = unsafe bytes.span
                var start = 0
                while start < words.count {
                    let end = words.index(of: UInt8(ascii: " "), from: start)
                    insert(HTMLName(words, start..<end), element)
                    start = end + 1
                }
            }
        }
    }

    /// Returns the element called `name`; `other` if the table does not list the name.
    subscript(_ name: HTMLName) -> HTMLElement {
        var index = name.hash(bits: 9)
        while slots[index].name != HTMLName() {
            if slots[index].name == name { return slots[index].element }
            index = (index + 1) & 511
        }
        return .other
    }

    private mutating func insert(_ name: HTMLName, _ element: HTMLElement) {
        var index = name.hash(bits: 9)
        while slots[index].name != HTMLName() { index = (index + 1) & 511 }
        slots[index] = Slot(name: name, element: element)
    }

    private static let elements: [(StaticString, HTMLElement)] = [
        ("a", HTMLElement(.a)), ("area", HTMLElement(.area, .void)), ("base", HTMLElement(.base, .void)),
        ("html", HTMLElement(.html)), ("link", HTMLElement(.link, .void)),
        ("meta", HTMLElement(.meta, [.void, .breaksOut])), ("title", HTMLElement(.title, .hidden, .rcdata)),
        ("br", HTMLElement(.br, [.block, .void, .breaksOut, .freeEnd])), ("font", HTMLElement(.font)),
        ("p", HTMLElement(.p, [.block, .breaksOut, .freeEnd])),
        ("noscript", HTMLElement(.noscript, .hidden, .rawText)),
        ("template", HTMLElement(.template, .hidden)),
        ("table", HTMLElement(.table, [.block, .breaksOut])), ("math", HTMLElement(.math)),
        ("svg", HTMLElement(.svg)), ("annotation-xml", HTMLElement(.annotationXML)),
        ("foreignobject desc", HTMLElement(.svgPoint)), ("mi mo mn ms mtext", HTMLElement(.mathText)),
        ("mglyph malignmark", HTMLElement(.mathGlyph)),
        ("script", HTMLElement(.other, .hidden, .script)),
        ("style iframe noframes noembed", HTMLElement(.other, .hidden, .rawText)),
        ("textarea", HTMLElement(.other, .block, .rcdata)), ("xmp", HTMLElement(.other, .block, .rawText)),
        ("plaintext", HTMLElement(.other, .block, .plainText)),
        ("head", HTMLElement(.other, .breaksOut)), ("body", HTMLElement(.other, .breaksOut)),
        (
            "b big code em i nobr ruby s small span strong strike sub sup tt u var",
            HTMLElement(.other, .breaksOut)
        ),
        ("embed img", HTMLElement(.other, [.void, .breaksOut])),
        ("hr", HTMLElement(.other, [.block, .void, .breaksOut])),
        ("bgsound basefont frame input keygen param source track wbr", HTMLElement(.other, .void)),
        ("h1 h2 h3 h4 h5 h6", HTMLElement(.other, [.block, .breaksOut, .freeEnd])),
        (
            "blockquote center dd div dl dt li listing menu ol pre ul",
            HTMLElement(.other, [.block, .breaksOut])
        ),
        (
            "address article aside details dialog dir fieldset figcaption figure footer form header hgroup",
            HTMLElement(.other, .block)
        ),
        (
            "legend main nav optgroup option search section select summary", HTMLElement(.other, .block)
        ),
        ("caption tbody tfoot thead tr", HTMLElement(.other, [.block, .tablePart])),
        ("td th", HTMLElement(.other, [.cell, .tablePart])),
        ("col", HTMLElement(.other, [.tablePart, .void])), ("colgroup", HTMLElement(.other, .tablePart)),
    ]
}

extension HTMLName {
    /// Returns a hash of `bits` bits.
    ///
    /// The hash is multiplicative; the factor is 2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4).
    @inline(__always)
    func hash(bits: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- bits))
    }
}
