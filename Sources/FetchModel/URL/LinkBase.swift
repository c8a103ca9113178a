// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// The base that the links of one page are resolved against.
///
/// It resolves as `URLReference.resolve` does, but faster: most links are absolute or relative paths in which
/// nothing changes. They are copied behind the part of the base that stays.
package struct LinkBase: Sendable {
    private let url: TargetURL
    /// The number of bytes of the base that stay in front of a link that begins with a slash.
    ///
    /// It is 0 if the base is no http or https URL, or holds a character that JSON escapes.
    private let originEnd: Int
    /// The number of bytes that stay in front of a link that begins with a name.
    private let folderEnd: Int
    /// The number of bytes that stay in front of a link that is only a query.
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
    /// Few URLs hold a character that JSON escapes: a backslash in a query, or a quotation mark in a host.
    /// - Returns: True if the link is a URL that may be fetched; otherwise nothing is appended.
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

    /// Returns the number of bytes of the base that stay in front of a plain link, and the index of the
    /// link's fragment; `nil` if the link is not plain.
    ///
    /// A plain link has no scheme, or begins as the base does. It names no host of its own. Up to its
    /// fragment it holds only bytes that stay as they are, and none of its segments begins with a dot.
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

    /// Returns the index of the fragment; `nil` if anything in front of it does not stay as it is.
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
