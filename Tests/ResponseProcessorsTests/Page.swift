// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// Makes a page at `http://h.test/dir/page`.
func page(_ html: String, charset: String? = nil) -> FetchedResponse {
    page(Array(html.utf8), charset: charset)
}

/// Makes a page in XML syntax at the same URL.
func xhtmlPage(_ xml: String) -> FetchedResponse {
    FetchedResponse(
        url: "http://h.test/dir/page",
        contentType: "application/xhtml+xml; charset=utf-8",
        body: Array(xml.utf8)
    )
}

/// Makes a page from bytes in any charset.
func page(_ html: [UInt8], charset: String? = nil) -> FetchedResponse {
    FetchedResponse(url: "http://h.test/dir/page", contentType: "text/html", charset: charset, body: html)
}

/// Returns the result of a bundled processor for a response, as JSON.
func result(_ processor: BundledProcessor, _ response: FetchedResponse) throws -> String {
    var processor = processor.processor
    return try processor.process(response).description
}
