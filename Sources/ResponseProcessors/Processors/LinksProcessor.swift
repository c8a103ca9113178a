// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import PoolWorker

/// The processor `links`, which reports a page's title, description, canonical URL and links.
///
/// The result holds `links` and their `count`. It also holds `title`, `description` (of `<meta
/// name=description>`) and `canonical`, if the page has them. The links are the `href` values of `a` and
/// `area` in document order, each once. They are absolute http and https URLs without fragments. A relative
/// link is resolved against the document base URL (HTML standard 2.4.3). `title` and `description` have at
/// most 1 MiB each. Links of more than 1 MiB, and links whose URLs have more than 64 KiB, are left out.
///
/// The result also holds `"truncated": true` if a text or the list of links is cut, or if too many references
/// come before a usable canonical URL (`PageLinks.referencesLeft`).
package struct LinksProcessor: SynchronousProcessor {
    package static let name = "links"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let isXML = response.isXHTML
        let page = PageText(decoding: response.body, charset: response.charset, isXML: isXML)
        let markup = PageMarkup(reading: page.bytes.span, isXML: isXML)
        var links = PageLinks(markup, in: page.encoding, pageURL: response.url)
        return JSONResult { writer in
            var isWhole = true
            writer.beginObject()
            if let title = markup.title.text {
                writer.name("title")
                isWhole = writer.excerpt(of: title.span, room: ResultRoom.forText) && isWhole
            }
            if let description = markup.description {
                writer.name("description")
                isWhole = writer.excerpt(of: description.bytes.span, room: ResultRoom.forText) && isWhole
            }
            if let canonical = links.canonical {
                writer.name("canonical")
                writer.string(canonical.span)
            }
            isWhole = links.collect(room: ResultRoom.left(after: writer.count)) && isWhole
            writer.name("links")
            writer.beginArray()
            writer.raw(links.json)
            writer.endArray()
            writer.name("count")
            writer.integer(links.count)
            if !isWhole {
                writer.name("truncated")
                writer.bool(true)
            }
            writer.endObject()
        }
    }
}
