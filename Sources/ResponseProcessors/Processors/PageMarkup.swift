// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// The parts of a page's markup that the processor `links` needs.
///
/// Character references in the values of attributes are decoded. URLs are not resolved yet, because a `base`
/// element may come later.
struct PageMarkup {
    private(set) var title = PageTitle()
    /// The `href` of the first `base` element that has an `href`; `nil` if there is none.
    private(set) var base: [UInt8]?
    /// The content of the first `meta` element named `description` whose content is not blank; `nil` if there
    /// is none.
    private(set) var description: CollapsedText?
    /// The `href` of each `link` element whose `rel` contains the word `canonical`.
    private(set) var canonicals = ReferenceList()
    /// The `href` of each `a` and `area` element.
    private(set) var links = ReferenceList()

    /// Reads a page, which is UTF-8; `isXML` is true for XHTML.
    init(reading page: Span<UInt8>, isXML: Bool) {
        var reader = HTMLReader(noscript: .markup, isXML: isXML)
        while true {
            switch reader.next(in: page) {
            case .start(let element, let tag): note(element, tag, page)
            case .text(let text, .title): title.append(text, of: page)
            case .text, .end: continue
            case .pageEnd: return
            }
        }
    }

    @inline(__always)
    private mutating func note(_ element: HTMLElement, _ tag: HTMLToken, _ page: Span<UInt8>) {
        switch element.name {
        case .a, .area:
            if let link = tag.attribute("href", in: page) { links.append(HTMLText(valueOf: link), of: page) }
        case .base where base == nil: base = tag.value(of: "href", in: page)
        case .meta where description == nil: noteMeta(tag, page)
        case .link: noteLink(tag, page)
        case .title: title.begin()
        default: break
        }
    }

    private mutating func noteMeta(_ tag: HTMLToken, _ page: Span<UInt8>) {
        guard let name = tag.value(of: "name", in: page),
            Self.lowered(name[...]) == Array("description".utf8),
            let content = tag.value(of: "content", in: page)
        else { return }
        var text = CollapsedText()
        text.append(content.span)
        if !text.bytes.isEmpty { description = text }
    }

    /// Adds the `href` of a `link` element whose `rel` contains the word `canonical`.
    ///
    /// `rel` is a list of words in any letter case (HTML standard, "link types").
    private mutating func noteLink(_ tag: HTMLToken, _ page: Span<UInt8>) {
        guard let types = tag.value(of: "rel", in: page), Self.includesCanonical(types) else { return }
        if let link = tag.attribute("href", in: page) { canonicals.append(HTMLText(valueOf: link), of: page) }
    }

    /// Returns true if a list of words contains `canonical`, in any letter case.
    ///
    /// A list can have millions of words, so they are not stored.
    private static func includesCanonical(_ types: [UInt8]) -> Bool {
        var start = 0
        while start < types.count {
            let end = types[start...].firstIndex { $0 <= 0x20 } ?? types.count
            if end - start == canonical.count, lowered(types[start..<end]) == canonical { return true }
            start = end + 1
        }
        return false
    }

    private static let canonical = Array("canonical".utf8)

    private static func lowered(_ word: ArraySlice<UInt8>) -> [UInt8] {
        word.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
    }
}

extension HTMLToken {
    /// Returns the value of the first attribute called `name`; `nil` if there is none.
    func value(of name: StaticString, in page: Span<UInt8>) -> [UInt8]? {
        guard let attribute = attribute(name, in: page) else { return nil }
        var value: [UInt8] = []
        HTMLText(valueOf: attribute).append(from: page, to: &value)
        return value
    }
}
