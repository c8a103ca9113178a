// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

/// The query of a link on a page that is not in UTF-8.
///
/// A browser writes the query in the output encoding of the page (`TextEncoding.output`), and the rest of a
/// URL in UTF-8 (URL Standard §4.4, "query state").
enum LinkQuery {
    /// Returns `link`, which is UTF-8, with its query converted to `encoding` and percent-encoded.
    ///
    /// Returns `nil` if the link has no query, if the query is ASCII, or if `encoding.output` is UTF-8.
    static func encoded(_ link: Span<UInt8>, in encoding: TextEncoding) -> [UInt8]? {
        guard encoding.output != .utf8, let query = query(of: link),
            query.contains(where: { link[$0] >= 0x80 })
        else { return nil }
        var url = (0..<query.lowerBound).map { link[$0] }
        // URL parsers remove tabs and line breaks everywhere (§4.4, step 3).
        let text = query.map { link[$0] }.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        encoding.percentEncode(
            String(decoding: text, as: UTF8.self).unicodeScalars,
            to: &url,
            where: isEncoded
        )
        for index in query.upperBound..<link.count { url.append(link[index]) }
        return url
    }

    /// Returns the range of the query, without the question mark; `nil` if the link has no query.
    ///
    /// The query ends before `#`, or else before the spaces and control characters at the link's end.
    private static func query(of link: Span<UInt8>) -> Range<Int>? {
        var end = link.count
        while end > 0, link[end - 1] <= 0x20 { end -= 1 }
        var start: Int?
        for index in 0..<end {
            if link[index] == UInt8(ascii: "#") {
                end = index
                break
            }
            if start == nil, link[index] == UInt8(ascii: "?") { start = index + 1 }
        }
        return start.map { $0..<end }
    }

    /// Returns true for the ASCII bytes of the special-query percent-encode set (§1.3).
    private static func isEncoded(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "'"):
            true
        default: false
        }
    }
}
