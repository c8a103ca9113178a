// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// The base URL for the links of one page.
///
/// A base gives the same URLs as `URLReference.resolve`, but faster. Most links are paths that need no
/// change. Such a path is appended to a copy of the beginning of the base.
package struct LinkBase: Sendable {
    private let url: TargetURL
    /// The number of bytes before the base's path; a link with exactly one leading slash keeps these bytes.
    ///
    /// The number is 0 if the base is no http or https URL, or contains a character that JSON escapes.
    private let originEnd: Int
    /// The number of bytes up to and including the last slash of the base's path; a relative path keeps these
    /// bytes.
    private let folderEnd: Int
    /// The number of bytes before the base's query; a link with only a query keeps these bytes.
    private let pathEnd: Int

    /// Creates a base from the URL of a page, or from the base URL that the page names.
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

    /// Appends the absolute URL of a link, with the escapes that a JSON string needs.
    ///
    /// - Returns: True if `URLReference.resolve` accepts the link; otherwise nothing is appended.
    package func appendURL(of link: Span<UInt8>, to text: inout [UInt8]) -> Bool {
        if let (kept, end) = keptOfBase(for: link) {
            text.append(contentsOf: url.text[..<kept])
            // The buffer is valid during the closure, and contains only bytes of the link.
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

    /// Returns the number of bytes of the base that a plain link keeps, and the end of the link before its
    /// fragment; `nil` if `URLReference` must resolve the link.
    ///
    /// A plain link is relative and names no host, or it begins with the scheme, host and port of the base.
    /// Before the fragment, a plain link contains only bytes that need no change, and no path segment begins
    /// with a dot.
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

    /// Returns the index of the fragment, or the end of the link; `nil` if a byte before this index may have
    /// to be changed.
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
