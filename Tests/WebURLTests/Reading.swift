// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// Returns the whole URL that `text` stands for, resolved against `base` if `base` is not `nil`.
///
/// Returns `nil` if the URL or `base` is refused.
func href(_ text: String, against base: String? = nil) -> String? {
    href(Array(text.utf8), against: base)
}

/// Returns the whole URL that `bytes` stand for, resolved against `base` if `base` is not `nil`.
///
/// Returns `nil` if the URL or `base` is refused.
func href(_ bytes: [UInt8], against base: String? = nil) -> String? {
    var page: WebURL?
    if let base {
        page = try? WebURL(reading: Array(base.utf8).span)
        if page == nil { return nil }
    }
    guard let url = try? WebURL(reading: bytes.span, against: page) else { return nil }
    return String(decoding: url.href, as: UTF8.self)
}

/// Reads the URL `https://TEXT/`, where TEXT is `text`, and returns its host; `nil` if the URL is refused.
func host(_ text: String) -> String? {
    guard let url = try? WebURL(reading: Array("https://\(text)/".utf8).span) else { return nil }
    return String(decoding: url.text[url.host], as: UTF8.self)
}

/// Returns the reason why a URL is refused; `nil` if the URL is valid.
func fault(_ text: String) -> WebURLFault? {
    do throws(WebURLFault) {
        _ = try WebURL(reading: Array(text.utf8).span)
        return nil
    } catch { return error }
}
