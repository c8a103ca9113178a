// SPDX-License-Identifier: MIT
// fetchpool

/// Reads the elements and texts of a page by the rules of browsers, without building a tree.
///
/// The reader applies these rules of tree construction (HTML standard 13.2.6):
/// - Some HTML elements, such as `script` and `title`, contain only text.
/// - The contents of a `template` are not part of the page.
/// - Some tags are ignored, and some end the svg or math around them.
///
/// The caller passes the whole page, in UTF-8, to each call of `next`. The total time is linear in the page's
/// size.
package struct HTMLReader: Sendable {
    /// The meaning of the contents of `noscript`.
    package enum Noscript: Sendable {
        /// Hidden text, as in a browser that runs scripts.
        case text
        /// Markup up to the next `</noscript>`.
        case markup
    }

    var tokenizer = HTMLTokenizer()
    let noscript: Noscript
    /// True for a page in XML syntax.
    let isXML: Bool
    private let table = HTMLElementTable.standard

    /// The open elements, beginning with the outermost template, svg or math.
    var open: [OpenElement] = []
    /// The number of templates in `open`.
    var openTemplates = 0
    /// The number of elements in `open` that hide their text.
    var openHidden = 0
    /// The counts of open elements outside of templates, svg and math, indexed by the hashes of the names.
    ///
    /// Elements whose syntax is not `HTMLSyntax.data`, and a `noscript` that is read as markup, are not
    /// counted.
    var counts = [Int32](repeating: 0, count: 1 << 12)
    /// The number of open tables.
    var openTables = 0
    /// True inside an HTML element whose syntax is not `HTMLSyntax.data`.
    ///
    /// The next end tag that the tokenizer returns ends this element.
    var isInRawText = false
    /// The place of the next text; an `openHidden` above 0 makes a visible text hidden.
    var place = HTMLEvent.Place.visible
    /// The index after the contents of the current `noscript`, if it is read as markup; `nil` otherwise.
    ///
    /// `open` is the number of elements in the array `open` before the `noscript`, and `tables` is the value
    /// of `openTables` before the `noscript`.
    var noscriptEnd: (position: Int, open: Int, tables: Int)?

    /// Creates a reader at the beginning of a page.
    ///
    /// In XML syntax (XHTML), `/>` closes any element, and a CDATA section is text even outside of svg and
    /// math.
    package init(noscript: Noscript, isXML: Bool = false) {
        (self.noscript, self.isXML) = (noscript, isXML)
    }

    /// Returns the next event; after the last part of the page, each call returns `pageEnd`.
    package mutating func next(in page: Span<UInt8>) -> HTMLEvent {
        while true {
            tokenizer.allowsCDATA = isXML || open.last?.isForeign ?? false
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
                noscriptEnd = nil
                pop(to: end.open)
                openTables = end.tables
                place = .visible
                isInRawText = false
                tokenizer = HTMLTokenizer(at: end.position)
            }
        }
    }

    private mutating func endRawText(_ element: HTMLElement) -> HTMLElement {
        isInRawText = false
        place = .visible
        return element
    }
}
