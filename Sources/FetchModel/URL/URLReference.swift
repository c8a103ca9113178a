// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// Turns the links of web pages and the targets of redirects into URLs that may be fetched.
package enum URLReference {
    /// Resolves a link, or the target of a redirect, against a base URL as browsers do.
    ///
    /// The base of a link is the URL of its page, or the URL of the page's `base` element. The base of a
    /// redirect is the URL that was requested.
    ///
    /// Fragments are dropped, because they name no other resource: `#top` is the page itself. A user name and
    /// password of the base are not inherited.
    /// - Returns: An http or https URL. The result is `nil` if the resolved URL has another scheme, has an
    ///   invalid host or port, or is too long. The result is also `nil` for a reference that is relative to a
    ///   `data:` URL.
    package static func resolve(_ reference: Span<UInt8>, against base: TargetURL) -> TargetURL? {
        guard let url = try? WebURL(reading: reference, against: base.base), url.scheme != .data else {
            return nil
        }
        return try? TargetURL(url)
    }

    /// Reads the URL of a page that was fetched.
    ///
    /// - Returns: The URL, or `data:,` if the text is no URL that may be fetched. Absolute links resolve
    ///   against `data:,` too. The result is never `nil`.
    package static func page(_ url: Span<UInt8>) -> TargetURL? {
        if let page = try? WebURL(reading: url), let target = try? TargetURL(page) { return target }
        return try? TargetURL(reading: Array("data:,".utf8).span)
    }
}
