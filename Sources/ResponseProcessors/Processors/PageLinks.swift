// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TextEncodings

/// A page's links as absolute URLs.
struct PageLinks {
    /// The links that `collect(room:)` has kept, as JSON strings with commas between them; empty if there are
    /// none.
    private(set) var json: [UInt8] = []
    /// The number of links in `json`.
    private(set) var count = 0
    /// The first canonical URL that can be resolved; `nil` if there is none before `referencesLeft` is 0.
    private(set) var canonical: [UInt8]?

    /// The number of references that may still be resolved.
    ///
    /// Resolving a reference can take as long as reading the whole base URL. In a page of 32 MiB, three
    /// million links can share a base URL of 64 KiB.
    private(set) var referencesLeft = 0

    /// The limit for the product of the number of references and the length of the base URL: 1 GiB.
    static let maxBaseBytes = 1 << 30

    private let links: ReferenceList
    private let encoding: TextEncoding
    private let base: TargetURL?
    /// False if a reference to a canonical URL was not tried because `referencesLeft` was 0.
    private var hasReadCanonicals = true

    init(
        _ markup: PageMarkup,
        in encoding: TextEncoding,
        pageURL: String,
        maxBaseBytes: Int = Self.maxBaseBytes
    ) {
        (links, self.encoding) = (markup.links, encoding)
        guard let page = URLReference.page(Array(pageURL.utf8).span) else {
            base = nil
            return
        }
        let url = Self.base(markup.base, in: encoding, of: page)
        base = url
        // No link that is relative to a `data:` URL is resolved, so the length of the URL does not matter.
        referencesLeft = url.scheme == .data ? .max : maxBaseBytes / url.text.count
        canonical = first(of: markup.canonicals, against: url)
    }

    /// Returns the URL against which links are resolved (HTML standard 2.4.3, "document base URLs").
    private static func base(
        _ reference: [UInt8]?,
        in encoding: TextEncoding,
        of page: TargetURL
    ) -> TargetURL {
        guard let reference else { return page }
        if reference.count <= ReferenceList.maxReferenceBytes,
            let url = resolve(reference.span, in: encoding, against: page)
        {
            return url
        }
        // With a base such as `mailto:` or `file:`, a relative link must not lead to the page's own host.
        // Against the base `data:,`, no relative link can be resolved.
        let elsewhere = isOfOtherScheme(reference) ? URLReference.page(Array("data:,".utf8).span) : nil
        return elsewhere ?? page
    }

    /// Returns true if a reference has a scheme other than http, https, data and javascript.
    ///
    /// A base with the scheme data or javascript is ignored (HTML standard 4.2.3).
    private static func isOfOtherScheme(_ reference: [UInt8]) -> Bool {
        // Control characters and blanks in front, and line breaks and tabs inside, are not part of a URL.
        // Schemes are short, so the beginning of the reference is enough.
        let text = reference.prefix(ReferenceList.maxReferenceBytes).drop { $0 <= 0x20 }
            .filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        guard let end = text.firstIndex(of: UInt8(ascii: ":")), let first = text.first, isLetter(first) else {
            return false
        }
        let scheme = String(decoding: text[..<end], as: UTF8.self).lowercased()
        return scheme.utf8.allSatisfy { isLetter($0) || $0 &- 0x30 < 10 || "+-.".utf8.contains($0) }
            && !["http", "https", "data", "javascript"].contains(scheme)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// Returns the URL of the first reference that can be resolved; `nil` if there is none before
    /// `referencesLeft` is 0.
    private mutating func first(of references: ReferenceList, against base: TargetURL) -> [UInt8]? {
        var start = 0
        for end in references.ends {
            guard takeReference() else {
                hasReadCanonicals = false
                return nil
            }
            let reference = references.bytes.span.extracting(start..<end)
            start = end
            if let url = Self.resolve(reference, in: encoding, against: base) { return url.text }
        }
        return nil
    }

    private static func resolve(
        _ reference: Span<UInt8>,
        in encoding: TextEncoding,
        against base: TargetURL
    ) -> TargetURL? {
        if let encoded = LinkQuery.encoded(reference, in: encoding) {
            return URLReference.resolve(encoded.span, against: base)
        }
        return URLReference.resolve(reference, against: base)
    }

    /// Counts a reference; returns false if no more may be resolved.
    private mutating func takeReference() -> Bool {
        guard referencesLeft > 0 else { return false }
        referencesLeft -= 1
        return true
    }

    /// Resolves the links, until `json` and its brackets would take more than `room` bytes, or until no more
    /// links may be resolved.
    ///
    /// Repeated links, and links that are no http or https URLs, are left out. Returns `true` if all other
    /// links fit, and `referencesLeft` was enough for the canonical URL and for all links.
    mutating func collect(room: Int) -> Bool {
        guard let url = base else { return true }
        let base = LinkBase(url)
        // The spans of references borrow this copy, so the loop can change `self`.
        let links = links
        var seen = RangeSet(expecting: links.ends.count)
        // The first URL that does not fit is written before it is removed, so it needs space in `json`.
        let most = room + TargetURL.maxTextBytes
        json.reserveCapacity(min(2 * links.bytes.count + 32 * links.ends.count, most))
        var linkStart = 0
        var isWhole = hasReadCanonicals
        for linkEnd in links.ends {
            guard takeReference() else {
                isWhole = false
                break
            }
            let end = json.count
            json.append(UInt8(ascii: "\""))
            let link = links.bytes.span.extracting(linkStart..<linkEnd)
            linkStart = linkEnd
            let isURL =
                if let encoded = LinkQuery.encoded(link, in: encoding) {
                    base.appendURL(of: encoded.span, to: &json)
                } else {
                    base.appendURL(of: link, to: &json)
                }
            guard isURL, seen.insert(end + 1..<json.count, of: json) else {
                json.removeLast(json.count - end)
                continue
            }
            // The closing quote and the two brackets of the array need space too.
            guard json.count + 3 <= room else {
                json.removeLast(json.count - end)
                isWhole = false
                break
            }
            json.append(UInt8(ascii: "\""))
            json.append(UInt8(ascii: ","))
            count += 1
        }
        if count > 0 { json.removeLast() }
        return isWhole
    }
}
