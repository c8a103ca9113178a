// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors

/// Returns an HTML page of the UTF-8 bytes of `html`, with the URL `http://h.test/dir/page`.
///
/// `charset` is the charset in `Content-Type`; `nil` if there is none.
func page(_ html: String, charset: String? = nil) -> FetchedResponse {
    page(Array(html.utf8), charset: charset)
}

/// Returns a page in XML syntax with the URL `http://h.test/dir/page`.
func xhtmlPage(_ xml: String) -> FetchedResponse {
    FetchedResponse(
        url: "http://h.test/dir/page",
        contentType: "application/xhtml+xml; charset=utf-8",
        body: Array(xml.utf8)
    )
}

/// Returns an HTML page of the bytes `html`, with the URL `http://h.test/dir/page`.
///
/// `charset` is the charset in `Content-Type`; `nil` if there is none.
func page(_ html: [UInt8], charset: String? = nil) -> FetchedResponse {
    FetchedResponse(url: "http://h.test/dir/page", contentType: "text/html", charset: charset, body: html)
}

/// Returns the result of a bundled processor for a response, as JSON.
func result(_ processor: BundledProcessor, _ response: FetchedResponse) throws -> String {
    var processor = processor.processor
    return try processor.process(response).description
}
