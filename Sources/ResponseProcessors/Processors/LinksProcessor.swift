// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import PoolWorker

/// `links`: what a page says of itself and where it points.
///
/// The result holds `title`, `description` (of `<meta name=description>`) and `canonical` where the page has
/// them, `links` and their `count`. Links are the `href` of `a` and `area` in document order, each once, as
/// absolute http and https URLs without fragments, resolved against the first `<base href>` and the page's
/// own URL.
package struct LinksProcessor: ResponseProcessor {
    package static let name = "links"
    package static let takes = BodyKind.html

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let page = PageText(decoding: response.body, charset: response.charset)
        let markup = PageMarkup(reading: page.bytes.span)
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
