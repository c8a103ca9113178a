// SPDX-License-Identifier: MIT
// fetchpool

/// Turns the links of web pages into URLs that may be fetched.
package enum URLReference {
    /// Resolves a link against the URL of its page, or the page's own base (RFC 3986 §5.3), and cleans it up as browsers do.
    ///
    /// Blanks and control characters around the link and tabs and line breaks inside it are dropped; a backslash up to the query counts
    /// as a slash; other bytes outside the grammar, and percent signs that stand alone, are percent-encoded. `http:x` on an http page is
    /// the relative link `x`, and any number of slashes may stand in front of a host. Fragments are dropped, because they name no other
    /// resource: `#top` gives the page itself.
    /// - Returns: An http or https URL; nil if the link has another scheme (`mailto:`, `javascript:`, `data:`), if `TargetURL` refuses
    ///   its host or port, has a user name, or gets too long, and if it is relative to a `data:` URL.
    package static func resolve(_ reference: Span<UInt8>, against base: TargetURL) -> TargetURL? {
        var link = Link(cleaning: reference)
        guard let scheme = link.takeScheme(inherited: base.scheme), scheme != .data else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(base.text.count + link.bytes.count)
        if link.takeSlashesOfAuthority(isSameScheme: scheme == base.scheme) {
            text.append(contentsOf: scheme == .http ? "http://".utf8 : "https://".utf8)
        } else {
            text.append(contentsOf: base.text[..<baseEnd(of: base, for: link)])
        }
        link.writeRest(to: &text)
        return try? TargetURL(reading: text.span)
    }

    /// Reads the URL of a page that was fetched, cleaned up as links are where `TargetURL` refuses it: servers redirect to what they
    /// like.
    ///
    /// - Returns: The URL, without a user name; `data:,` where its host or port is none that could be read, so that links which name their own
    ///   host still resolve.
    package static func page(_ url: Span<UInt8>) -> TargetURL? {
        if let page = try? TargetURL(reading: url) { return page }
        guard let nowhere = try? TargetURL(reading: Array("data:,".utf8).span) else { return nil }
        if let page = resolve(url, against: nowhere) { return page }
        let named = withoutUserInfo(url)
        return resolve(named.span, against: nowhere) ?? nowhere
    }

    /// The URL without what stands between the slashes and the last `@` in front of the path (RFC 3986 §3.2.1).
    private static func withoutUserInfo(_ url: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(url.count)
        var slashes = 0
        var hostStart: Int?
        for index in url.indices {
            let byte = url[index]
            if hostStart == nil, slashes == 2 { hostStart = bytes.count }
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") {
                slashes += 1
            }
            bytes.append(byte)
            if let start = hostStart, slashes == 2, byte == UInt8(ascii: "@") {
                bytes.removeSubrange(start...)
            }
        }
        return bytes
    }

    /// How much of the base stays in front of a relative link.
    private static func baseEnd(of base: TargetURL, for link: Link) -> Int {
        let start = Int(base.pathStart)
        let query = base.text[start...].firstIndex(of: UInt8(ascii: "?")) ?? base.text.count
        switch link.first {
        case nil: return base.text.count
        case UInt8(ascii: "/"): return start
        case UInt8(ascii: "?"): return query
        default: return (base.text[start..<query].lastIndex(of: UInt8(ascii: "/")) ?? start) + 1
        }
    }
}

/// A link on its way to a URL: cleaned, without a fragment, taken apart from the left.
private struct Link {
    private(set) var bytes: [UInt8] = []
    private var start = 0

    /// Copies what counts of a link: up to the fragment, and with slashes for backslashes up to the query.
    init(cleaning reference: Span<UInt8>) {
        var (first, end) = (0, reference.count)
        while first < end, reference[first] <= 0x20 { first += 1 }
        while end > first, reference[end - 1] <= 0x20 { end -= 1 }
        bytes.reserveCapacity(end - first)
        var isQuery = false
        for index in first..<end {
            switch reference[index] {
            case UInt8(ascii: "#"): return
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
            case UInt8(ascii: "\\") where !isQuery: bytes.append(UInt8(ascii: "/"))
            case let byte:
                isQuery = isQuery || byte == UInt8(ascii: "?")
                bytes.append(byte)
            }
        }
    }

    var first: UInt8? { start < bytes.count ? bytes[start] : nil }

    /// Takes the scheme off; gives the base's if there is none, and nil if it is not http or https.
    mutating func takeScheme(inherited: TargetURL.Scheme) -> TargetURL.Scheme? {
        let name = bytes.prefix(while: URLBytes.scheme.contains)
        guard let letter = name.first, URLBytes.isLetter(letter), name.endIndex < bytes.count,
            bytes[name.endIndex] == UInt8(ascii: ":")
        else { return inherited }
        start = name.endIndex + 1
        let lower = name.lazy.map(URLBytes.lower)
        if lower.elementsEqual("https".utf8) { return .https }
        return lower.elementsEqual("http".utf8) ? .http : nil
    }

    /// Takes the slashes off if a host comes next: behind two slashes or more, and always behind a scheme that is not the base's.
    mutating func takeSlashesOfAuthority(isSameScheme: Bool) -> Bool {
        let slashes = bytes[start...].prefix { $0 == UInt8(ascii: "/") }.count
        guard slashes >= 2 || !isSameScheme else { return false }
        start += slashes
        return true
    }

    /// Appends what is left; percent-encodes what `TargetURL` refuses outside of a host.
    func writeRest(to text: inout [UInt8]) {
        for index in start..<bytes.count {
            let byte = bytes[index]
            let isStray = byte == UInt8(ascii: "%") && !isEscape(at: index)
            if byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\\") || isStray {
                URLBytes.appendPercentEncoded(byte, to: &text)
            } else {
                text.append(byte)
            }
        }
    }

    private func isEscape(at index: Int) -> Bool {
        index + 2 < bytes.count && URLBytes.hexValue(bytes[index + 1]) != nil
            && URLBytes.hexValue(bytes[index + 2]) != nil
    }
}
