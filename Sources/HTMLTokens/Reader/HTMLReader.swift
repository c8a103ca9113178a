// SPDX-License-Identifier: MIT
// fetchpool

/// Reads a page as a browser's tree would show it, without a tree.
///
/// It knows the few rules of tree construction (HTML standard 13.2.6) that decide what is a tag and what is
/// text:
/// - which elements have raw text, and how svg and math change that;
/// - that the contents of a `template` are no part of the page;
/// - which tags are ignored.
///
/// It is given the same span of UTF-8 with each call. Time is linear in the page's size.
package struct HTMLReader: Sendable {
    /// The meaning of the contents of `noscript`.
    package enum Noscript: Sendable {
        /// Hidden text, as for a browser with scripts on.
        case text
        /// Markup. Even so it ends at the first end tag, so that a fault inside harms nothing behind it.
        case markup
    }

    var tokenizer = HTMLTokenizer()
    let noscript: Noscript
    private let table = HTMLElementTable.standard

    /// The elements that are open from the outermost template, svg or math on.
    var open: [OpenElement] = []
    /// The number of templates among them.
    var openTemplates = 0
    /// The number of them that hide their text.
    var openHidden = 0
    /// The number of open elements outside of these, by the hash of their names.
    var counts = [Int32](repeating: 0, count: 1 << 12)
    /// The number of open tables.
    var openTables = 0
    /// True in raw text: the end tag that comes next is that of the element.
    var isInRawText = false
    /// The place of the text that follows.
    var place = HTMLEvent.Place.visible
    /// The end of the `noscript` that is being read as markup, and the number of elements that were open
    /// before it.
    var noscriptEnd: (position: Int, open: Int)?

    /// Creates a reader at the beginning of a page.
    package init(noscript: Noscript) {
        self.noscript = noscript
    }

    /// Returns the next event.
    package mutating func next(in page: Span<UInt8>) -> HTMLEvent {
        while true {
            tokenizer.allowsCDATA = open.last?.isForeign ?? false
            let token = tokenizer.next(in: page.extracting(0..<(noscriptEnd?.position ?? page.count)))
            switch token.kind {
            case .text:
                guard openTemplates == 0 else { continue }
                let isForeign = open.last?.isForeign ?? false
                let text = HTMLText(token, zeros: isForeign ? .replaced : .dropped)
                return .text(text, place == .visible && openHidden > 0 ? .hidden : place)
            case .startTag:
                let element = start(table[token.name], token, page)
                if let element, openTemplates == 0 { return .start(element, token) }
            case .endTag:
                let element = isInRawText ? endRawText(table[token.name]) : end(table[token.name], token.name)
                if let element, openTemplates == 0 { return .end(element) }
            case .comment, .doctype: continue
            case .end:
                guard let end = noscriptEnd else { return .pageEnd }
                leaveNoscript(end.position, end.open)
            }
        }
    }

    private mutating func endRawText(_ element: HTMLElement) -> HTMLElement {
        isInRawText = false
        place = .visible
        return element
    }

    private mutating func leaveNoscript(_ position: Int, _ open: Int) {
        noscriptEnd = nil
        pop(to: open)
        place = .visible
        isInRawText = false
        tokenizer = HTMLTokenizer(at: position)
    }
}
