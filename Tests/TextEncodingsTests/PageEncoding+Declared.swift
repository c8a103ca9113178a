// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

extension PageEncoding {
    /// Returns the encoding that a byte order mark, `label` or `page` names; `nil` if none of them names one.
    ///
    /// `page` must be valid UTF-8, or name an encoding.
    static func declared(by page: [UInt8], label: String? = nil) -> TextEncoding? {
        let encoding = PageEncoding(of: page.span, label: label).encoding
        // The byte 0xFF makes a page invalid UTF-8. So the encoding changes only if it was guessed from the
        // bytes.
        let other = PageEncoding(of: (page + [0xFF]).span, label: label).encoding
        return encoding == other ? encoding : nil
    }
}
