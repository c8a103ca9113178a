// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import PoolWire
import PoolWorker

/// `text`: what a reader of the page sees.
///
/// The result holds `title` and `lang` (of the `html` element) where the page has them, the number of `words`
/// (runs without blanks), and `text`: blanks collapsed, a line for each block, cells of a table row side by
/// side. Scripts, styles, templates, the head and the fallbacks of `noscript` and frames are left out.
package struct TextProcessor: ResponseProcessor {
    package static let name = "text"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let page = PageText(decoding: response.body, charset: response.charset)
        let words = PageWords(reading: page.bytes.span)
        let text = words.body.bytes
        return JSONResult { writer in
            writer.beginObject()
            if let title = words.title.string {
                writer.name("title")
                writer.string(title)
            }
            if let language = words.language, !language.isEmpty {
                writer.name("lang")
                writer.string(language.span)
            }
            writer.name("words")
            writer.integer(words.body.words)
            writer.name("text")
            writer.string(text.span)
            writer.endObject()
        }
    }
}

/// Gathers the text of a page.
private struct PageWords {
    private(set) var title = PageTitle()
    private(set) var language: [UInt8]?
    private(set) var body = CollapsedText()
    private var xmlLanguage: [UInt8]?

    /// Reads a page, which is UTF-8.
    init(reading page: Span<UInt8>) {
        var reader = HTMLReader(noscript: .text)
        while true {
            switch reader.next(in: page) {
            case .start(let element, let tag):
                note(element)
                if element.name == .title { title.begin() }
                if element.name == .html { noteLanguage(tag, page) }
            case .end(let element):
                note(element)
            case .text(let text, .visible): text.forEachPiece(in: page) { body.append($0) }
            case .text(let text, .title): title.append(text, of: page)
            case .text: continue
            case .pageEnd:
                language = language ?? xmlLanguage
                return
            }
        }
    }

    @inline(__always)
    private mutating func note(_ element: HTMLElement) {
        if element.traits.contains(.block) { body.breakLine() }
        if element.traits.contains(.cell) { body.breakWord() }
    }

    /// A second `html` tag adds the attributes that the first one lacks (HTML standard 13.2.6.4.7).
    private mutating func noteLanguage(_ tag: HTMLToken, _ page: Span<UInt8>) {
        language = language ?? tag.value(of: "lang", in: page)
        xmlLanguage = xmlLanguage ?? tag.value(of: "xml:lang", in: page)
    }
}
