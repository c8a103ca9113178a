// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import PoolWire
import PoolWorker

/// The processor `text`, which reports the text that a reader of the page sees.
///
/// The result holds `text` and `words`, the number of words (runs without blanks) in the uncut text. It also
/// holds `title` and `lang` (of the `html` element), if the page has them. In `text`, each run of blanks is
/// one space, each block has its own line, and the cells of a table row share a line. `text` omits scripts,
/// styles, templates, the title, and the fallbacks of `noscript` and frames. `title` and `lang` are cut at
/// about 1 MiB each. If `text`, `title` or `lang` is cut, the result also holds `"truncated": true`.
package struct TextProcessor: SynchronousProcessor {
    package static let name = "text"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let isXML = response.isXHTML
        let page = PageText(decoding: response.body, charset: response.charset, isXML: isXML)
        let words = PageWords(reading: page.bytes.span, isXML: isXML)
        let text = words.body.bytes
        return JSONResult { writer in
            var isWhole = true
            writer.beginObject()
            if let title = words.title.text {
                writer.name("title")
                isWhole = writer.excerpt(of: title.span, room: ResultRoom.forText) && isWhole
            }
            if let language = words.language, !language.isEmpty {
                writer.name("lang")
                isWhole = writer.excerpt(of: language.span, room: ResultRoom.forText) && isWhole
            }
            writer.name("words")
            writer.integer(words.body.words)
            writer.name("text")
            isWhole = writer.excerpt(of: text.span, room: ResultRoom.left(after: writer.count)) && isWhole
            if !isWhole {
                writer.name("truncated")
                writer.bool(true)
            }
            writer.endObject()
        }
    }
}

/// The title, the language and the visible text of a page.
private struct PageWords {
    private(set) var title = PageTitle()
    private(set) var language: [UInt8]?
    private(set) var body = CollapsedText()
    private var xmlLanguage: [UInt8]?

    /// Reads a page, which is UTF-8; `isXML` is true for XHTML.
    init(reading page: Span<UInt8>, isXML: Bool) {
        var reader = HTMLReader(noscript: .text, isXML: isXML)
        while true {
            switch reader.next(in: page) {
            case .start(let element, let tag):
                note(element)
                switch element.name {
                case .title: title.begin()
                case .html: noteLanguage(tag, page)
                default: break
                }
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
        if element.isBlock { body.breakLine() }
        if element.isCell { body.breakWord() }
    }

    /// Notes the language of an `html` tag.
    ///
    /// A second `html` tag adds the attributes that the first one lacks (HTML standard 13.2.6.4.7).
    private mutating func noteLanguage(_ tag: HTMLToken, _ page: Span<UInt8>) {
        language = language ?? tag.value(of: "lang", in: page)
        xmlLanguage = xmlLanguage ?? tag.value(of: "xml:lang", in: page)
    }
}
