// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

/// A page's text as UTF-8, whatever encoding it came in.
struct PageText {
    /// Valid UTF-8.
    let bytes: [UInt8]
    /// The encoding that the page came in; the queries of its links are written in it.
    let encoding: TextEncoding

    /// Decodes `body`; `charset` is the label that the header has.
    ///
    /// Valid UTF-8 is not copied.
    init(decoding body: [UInt8], charset: String?) {
        let page = PageEncoding(of: body.span, label: charset)
        encoding = page.encoding
        bytes = page.decode(body)
    }
}
