// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// Functions that resolve the links of web pages and the targets of redirects.
package enum URLReference {
    /// Resolves a link, or the target of a redirect, against a base URL as browsers do.
    ///
    /// The base of a link is the URL of its page, or the URL of the page's `base` element. The base of a
    /// redirect is the URL that was requested.
    ///
    /// The result has no fragment, and does not inherit a user name or password of the base.
    /// - Returns: An http or https URL; `nil` if the reference resolves to no such URL, or if `TargetURL`
    ///   refuses the URL.
    package static func resolve(_ reference: Span<UInt8>, against base: TargetURL) -> TargetURL? {
        guard let url = try? WebURL(reading: reference, against: base.base), url.scheme != .data else {
            return nil
        }
        return try? TargetURL(url)
    }

    /// Reads the URL of a page that was fetched.
    ///
    /// - Returns: The URL, or `data:,` if the text is refused; never `nil`. Absolute links resolve against
    ///   `data:,` too.
    package static func page(_ url: Span<UInt8>) -> TargetURL? {
        if let page = try? WebURL(reading: url), let target = try? TargetURL(page) { return target }
        return try? TargetURL(reading: Array("data:,".utf8).span)
    }
}
