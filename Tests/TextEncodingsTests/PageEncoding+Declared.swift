// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

extension PageEncoding {
    /// Returns the encoding that a byte order mark, `label` or `page` names; `nil` if none of them names one.
    ///
    /// `page` is valid UTF-8, or names an encoding.
    static func declared(by page: [UInt8], label: String? = nil) -> TextEncoding? {
        let encoding = PageEncoding(of: page.span, label: label).encoding
        // One more byte, which is not UTF-8, changes an encoding only if the bytes decide it.
        let other = PageEncoding(of: (page + [0xFF]).span, label: label).encoding
        return encoding == other ? encoding : nil
    }
}
