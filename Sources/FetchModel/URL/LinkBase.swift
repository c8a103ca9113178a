// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// What the links of one page are resolved against.
///
/// It gives what `URLReference.resolve` does. The usual link, which has nothing in it that would have to be
/// changed, needs no more than a copy behind the part of the base that stays.
package struct LinkBase: Sendable {
    private let url: TargetURL
    /// How much of the base stays in front of a link that begins with a slash: 0 if the base is no http or
    /// https URL, or holds a character that JSON escapes.
    private let originEnd: Int
    /// How much stays in front of a link that begins with a name.
    private let folderEnd: Int
    /// How much stays in front of a link that is only a query.
    private let pathEnd: Int

    /// Makes a base of a page's URL, or of what the page itself names.
    package init(_ url: TargetURL) {
        self.url = url
        guard url.scheme != .data, !url.text.contains(where: Self.isEscaped) else {
            (originEnd, folderEnd, pathEnd) = (0, 0, 0)
            return
        }
        originEnd = Int(url.pathStart)
        let path = url.text[originEnd...].prefix { $0 != UInt8(ascii: "?") }
        folderEnd = (path.lastIndex(of: UInt8(ascii: "/")) ?? originEnd) + 1
        pathEnd = path.endIndex
    }

    /// Appends the absolute URL of a link, as it stands in a JSON string.
    ///
    /// Few URLs hold what JSON escapes: a backslash in a query, or a quotation mark in a host.
    /// - Returns: Whether there is one; if not, nothing is appended.
    package func appendURL(of link: Span<UInt8>, to text: inout [UInt8]) -> Bool {
        if let (kept, end) = keptOfBase(for: link) {
            text.append(contentsOf: url.text[..<kept])
            // The buffer lives for the call alone and covers the link.
            unsafe link.extracting(..<end).withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
            return true
        }
        guard let resolved = URLReference.resolve(link, against: url) else { return false }
        for byte in resolved.text {
            if Self.isEscaped(byte) { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
        }
        return true
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// How much of the base to put in front of a usual link, and where the link's fragment begins; `nil` if
    /// the link is not usual.
    ///
    /// A usual link has no scheme or begins as the base does, names no host of its own, and holds only bytes
    /// that stand for themselves up to its fragment; none of its segments begins with a dot.
    private func keptOfBase(for link: Span<UInt8>) -> (kept: Int, end: Int)? {
        guard originEnd > 0, link.count > 0, link.count < TargetURL.maxTextBytes - pathEnd else { return nil }
        let kept: Int
        switch link[0] {
        case UInt8(ascii: "/"):
            if link.count > 1, link[1] == UInt8(ascii: "/") { return nil }
            kept = originEnd
        case UInt8(ascii: "."): return nil
        case UInt8(ascii: "?"): kept = pathEnd
        case UInt8(ascii: "#"): kept = url.text.count
        default:
            if beginsLikeBase(link) { return endOfPlain(link, from: originEnd).map { (0, $0) } }
            for index in 0..<link.count where link[index] == UInt8(ascii: ":") { return nil }
            kept = folderEnd
        }
        return endOfPlain(link, from: 0).map { (kept, $0) }
    }

    private func beginsLikeBase(_ link: Span<UInt8>) -> Bool {
        guard link.count > originEnd, link[originEnd] == UInt8(ascii: "/") else { return false }
        for index in 0..<originEnd where link[index] != url.text[index] { return false }
        return true
    }

    /// Where the fragment begins; `nil` if there is anything in front of it that does not stay as it is.
    private func endOfPlain(_ link: Span<UInt8>, from start: Int) -> Int? {
        var last: UInt8 = 0
        for index in start..<link.count {
            let byte = link[index]
            guard URLBytes.plain.contains(byte), byte != UInt8(ascii: ".") || last != UInt8(ascii: "/") else {
                return byte == UInt8(ascii: "#") ? index : nil
            }
            last = byte
        }
        return link.count
    }
}
