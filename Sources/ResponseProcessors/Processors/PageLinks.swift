// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// A page's links as absolute URLs.
struct PageLinks {
    /// Each link once, in the order in which they first came.
    private(set) var links: [[UInt8]] = []
    /// The page's canonical URL.
    private(set) var canonical: [UInt8]?

    /// Resolves what `events` gathered on the page at `pageURL`.
    init(_ events: LinksEvents, pageURL: String) {
        guard let page = try? TargetURL(reading: Array(pageURL.utf8).span) else { return }
        let base = events.base.flatMap { URLReference.resolve($0.span, against: page) } ?? page
        canonical = events.canonical.flatMap { URLReference.resolve($0.span, against: base)?.text }
        var seen: Set<[UInt8]> = []
        seen.reserveCapacity(events.links.count)
        for link in events.links {
            guard let url = URLReference.resolve(link.span, against: base) else { continue }
            if seen.insert(url.text).inserted { links.append(url.text) }
        }
    }
}
