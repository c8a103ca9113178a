// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// Turns the links of web pages into URLs that may be fetched.
package enum URLReference {
    /// Resolves a link against the URL of its page, or the page's own base, as browsers do.
    ///
    /// Fragments are dropped, because they name no other resource: `#top` is the page itself. A user name and
    /// password of the base are not inherited.
    /// - Returns: An http or https URL. The result is `nil` if the link has another scheme, has an invalid
    ///   host or port, is too long, or is relative to a `data:` URL.
    package static func resolve(_ reference: Span<UInt8>, against base: TargetURL) -> TargetURL? {
        guard let url = try? WebURL(reading: reference, against: base.base), url.scheme != .data else {
            return nil
        }
        return try? TargetURL(url)
    }

    /// Reads the URL of a page that was fetched.
    ///
    /// - Returns: The URL; `data:,` if it cannot be read, so that absolute links still resolve.
    package static func page(_ url: Span<UInt8>) -> TargetURL? {
        if let page = try? WebURL(reading: url), let target = try? TargetURL(page) { return target }
        return try? TargetURL(reading: Array("data:,".utf8).span)
    }
}
