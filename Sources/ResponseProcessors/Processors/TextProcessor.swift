// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import PoolWorker

/// `text`: what a reader of the page sees.
///
/// The result holds `title` and `lang` (of the `html` element) where the page has them, the number of `words` (runs without blanks), and
/// `text`: blanks collapsed, a line for each block, cells of a table row side by side. Scripts, styles, templates, the head and the
/// fallbacks of `noscript` and frames are left out.
package struct TextProcessor: ResponseProcessor {
    package static let name = "text"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let events = TextEvents()
        HTMLParser.parse(PageText(decoding: response.body, charset: response.charset), telling: events)
        let text = events.body.bytes
        return JSONResult { writer in
            writer.beginObject()
            if let title = events.title.string {
                writer.name("title")
                writer.string(title)
            }
            if let language = events.language, !language.isEmpty {
                writer.name("lang")
                writer.string(language.span)
            }
            writer.name("words")
            writer.integer(events.body.words)
            writer.name("text")
            writer.string(text.span)
            writer.endObject()
        }
    }
}

/// Gathers the text on the way through a page.
private final class TextEvents: HTMLEvents {
    private(set) var title = PageTitle()
    private(set) var language: [UInt8]?
    private(set) var body = CollapsedText()
    private var hiddenDepth = 0

    override func start(_ element: HTMLElement, _ attributes: borrowing HTMLAttributes) {
        switch element {
        case .html: language = language ?? attributes["lang"] ?? attributes["xml:lang"]
        case .hidden: hiddenDepth += 1
        case .block where hiddenDepth == 0: body.breakLine()
        case .cell where hiddenDepth == 0: body.breakWord()
        case .title:
            // The title of a drawing is no text either.
            hiddenDepth += 1
            title.start(element)
        default: title.start(element)
        }
    }

    override func end(_ element: HTMLElement) {
        switch element {
        case .hidden: hiddenDepth -= 1
        case .block where hiddenDepth == 0: body.breakLine()
        case .title:
            hiddenDepth -= 1
            title.end(element)
        default: title.end(element)
        }
    }

    override func text(_ text: Span<UInt8>) {
        if title.isOpen {
            title.append(text)
        } else if hiddenDepth == 0 {
            body.append(text)
        }
    }
}
