// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

extension PageEncoding {
    /// Returns the encoding that a byte order mark, `label` or `page` names; `nil` if none of them names one.
    ///
    /// If none of them names an encoding, `page` must be valid UTF-8.
    static func declared(by page: [UInt8], label: String? = nil) -> TextEncoding? {
        let encoding = PageEncoding(of: page.span, label: label).encoding
        // A page that names no encoding is UTF-8 if its bytes are valid. The byte 0xFF makes the bytes
        // invalid, so `other` differs from `encoding` for such a page.
        let other = PageEncoding(of: (page + [0xFF]).span, label: label).encoding
        return encoding == other ? encoding : nil
    }
}
