// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

/// A page's text, converted to UTF-8 from the page's encoding.
struct PageText {
    /// Valid UTF-8.
    let bytes: [UInt8]
    /// The original encoding of the page, on which `LinkQuery` depends.
    let encoding: TextEncoding

    /// Decodes `body`; `charset` is the label in the response header, and `isXML` is true for XHTML.
    init(decoding body: [UInt8], charset: String?, isXML: Bool = false) {
        let page = PageEncoding(of: body.span, label: charset, language: isXML ? .xml : .html)
        encoding = page.encoding
        bytes = page.decode(body)
    }
}
