// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import PoolWorker

/// The processor `links`, which reports a page's title, description, canonical URL and links.
///
/// The result holds `links` and their `count`. It also holds `title`, `description` (of `<meta
/// name=description>`) and `canonical`, if the page has them. The links are the `href` values of `a` and
/// `area` in document order, each once. They are absolute http and https URLs without fragments. A relative
/// link is resolved against the first `<base href>`, or else against the page's URL.
package struct LinksProcessor: ResponseProcessor {
    package static let name = "links"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let page = PageText(decoding: response.body, charset: response.charset)
        let markup = PageMarkup(reading: page.bytes.span, isXML: response.isXHTML)
        let links = PageLinks(markup, in: page.encoding, pageURL: response.url)
        return JSONResult { writer in
            writer.beginObject()
            if let title = markup.title.string {
                writer.name("title")
                writer.string(title)
            }
            if let description = markup.description {
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
