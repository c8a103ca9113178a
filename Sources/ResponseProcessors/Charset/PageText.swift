// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

/// A page's text, converted to UTF-8 from the page's encoding.
struct PageText {
    /// Valid UTF-8.
    let bytes: [UInt8]
    /// The original encoding of the page, on which `LinkQuery` depends.
    let encoding: TextEncoding

    /// Decodes `body`; `charset` is the label in the response header.
    init(decoding body: [UInt8], charset: String?) {
        let page = PageEncoding(of: body.span, label: charset)
        encoding = page.encoding
        bytes = page.decode(body)
    }
}
