// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// Reads a URL, or a reference against a base, and returns all of it; nil if it is refused.
func href(_ text: String, against base: String? = nil) -> String? {
    href(Array(text.utf8), against: base)
}

/// Reads the bytes of a URL, or of a reference, and returns all of it; nil if it is refused.
func href(_ bytes: [UInt8], against base: String? = nil) -> String? {
    var page: WebURL?
    if let base {
        page = try? WebURL(reading: Array(base.utf8).span)
        if page == nil { return nil }
    }
    guard let url = try? WebURL(reading: bytes.span, against: page) else { return nil }
    return String(decoding: url.href, as: UTF8.self)
}

/// The host of a URL with this one; nil if it is refused.
func host(_ text: String) -> String? {
    guard let url = try? WebURL(reading: Array("https://\(text)/".utf8).span) else { return nil }
    return String(decoding: url.text[url.host], as: UTF8.self)
}

/// Why a URL is refused; nil if it is not.
func fault(_ text: String) -> WebURLFault? {
    do throws(WebURLFault) {
        _ = try WebURL(reading: Array(text.utf8).span)
        return nil
    } catch { return error }
}
