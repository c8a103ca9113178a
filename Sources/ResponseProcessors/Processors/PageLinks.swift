// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// A page's links as absolute URLs.
struct PageLinks {
    /// Each link once, in the order in which they first came: JSON strings with commas between them.
    ///
    /// URLs hold nothing that JSON escapes: they are ASCII, and quotation marks and backslashes are percent-encoded.
    private(set) var json: [UInt8] = []
    /// How many they are.
    private(set) var count = 0
    /// The page's canonical URL.
    private(set) var canonical: [UInt8]?

    /// Resolves what `events` gathered on the page at `pageURL`.
    init(_ events: LinksEvents, pageURL: String) {
        guard let page = URLReference.page(Array(pageURL.utf8).span) else { return }
        let url = events.base.flatMap { URLReference.resolve($0.span, against: page) } ?? page
        canonical = events.canonical.flatMap { URLReference.resolve($0.span, against: url)?.text }
        addLinks(of: events, base: LinkBase(url))
    }

    private mutating func addLinks(of events: LinksEvents, base: LinkBase) {
        let links = events.links
        var seen = RangeSet(expecting: events.linkEnds.count)
        json.reserveCapacity(2 * links.count + 32 * events.linkEnds.count)
        var linkStart = 0
        for linkEnd in events.linkEnds {
            let end = json.count
            json.append(UInt8(ascii: "\""))
            let isURL = base.appendURL(of: links.span.extracting(linkStart..<linkEnd), to: &json)
            linkStart = linkEnd
            guard isURL, seen.insert(end + 1..<json.count, of: json) else {
                json.removeLast(json.count - end)
                continue
            }
            json.append(UInt8(ascii: "\""))
            json.append(UInt8(ascii: ","))
            count += 1
        }
        if count > 0 { json.removeLast() }
    }
}
