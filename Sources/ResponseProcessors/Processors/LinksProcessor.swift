// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import PoolWorker

/// `links`: what a page says of itself and where it points.
///
/// The result holds `title`, `description` (of `<meta name=description>`) and `canonical` where the page has them, `links` and their
/// `count`. Links are the `href` of `a` and `area` in document order, each once, as absolute http and https URLs without fragments, resolved
/// against the first `<base href>` and the page's own URL.
package struct LinksProcessor: ResponseProcessor {
    package static let name = "links"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let events = LinksEvents()
        HTMLParser.parse(PageText(decoding: response.body, charset: response.charset), telling: events)
        let links = PageLinks(events, pageURL: response.url)
        return JSONResult { writer in
            writer.beginObject()
            if let title = events.title.string {
                writer.name("title")
                writer.string(title)
            }
            if let description = events.description {
                writer.name("description")
                writer.string(description.bytes.span)
            }
            if let canonical = links.canonical {
                writer.name("canonical")
                writer.string(canonical.span)
            }
            writer.name("links")
            writer.beginArray()
            writer.raw(links.json)
            writer.endArray()
            writer.name("count")
            writer.integer(links.count)
            writer.endObject()
        }
    }
}

/// Gathers what matters on the way through a page.
///
/// Links stay as they are written, since a `base` may still come.
final class LinksEvents: HTMLEvents {
    private(set) var title = PageTitle()
    private(set) var base: [UInt8]?
    private(set) var description: CollapsedText?
    private(set) var canonical: [UInt8]?
    /// The links as they are written, one after the other.
    private(set) var links: [UInt8] = []
    /// Where each of them ends.
    private(set) var linkEnds: [Int] = []

    override var wantsText: Bool { title.isOpen }

    override func start(_ element: HTMLElement, _ attributes: borrowing HTMLAttributes) {
        switch element {
        case .a, .area:
            attributes.withValue(of: "href") { link in
                // The buffer lives for the call alone and covers the link.
                unsafe link.withUnsafeBufferPointer { unsafe links.append(contentsOf: $0) }
                linkEnds.append(links.count)
            }
        case .base where base == nil: base = attributes["href"]
        case .meta where description == nil: noteMeta(attributes)
        case .link where canonical == nil: noteLink(attributes)
        default: title.start(element)
        }
    }

    override func end(_ element: HTMLElement) {
        title.end(element)
    }

    override func text(_ text: Span<UInt8>) {
        title.append(text)
    }

    private func noteMeta(_ attributes: borrowing HTMLAttributes) {
        guard let name = attributes["name"], Self.lowered(name) == Array("description".utf8),
            let content = attributes["content"]
        else { return }
        var text = CollapsedText()
        text.append(content.span)
        if !text.bytes.isEmpty { description = text }
    }

    /// `rel` is a list of words in any letter case (HTML standard, "link types").
    private func noteLink(_ attributes: borrowing HTMLAttributes) {
        guard let types = attributes["rel"] else { return }
        let words = types.split { $0 <= 0x20 }
        if words.contains(where: { Self.lowered(Array($0)) == Array("canonical".utf8) }) {
            canonical = attributes["href"]
        }
    }

    private static func lowered(_ word: [UInt8]) -> [UInt8] {
        word.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
    }
}
