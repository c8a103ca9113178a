// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// The content of a `data:` URL (RFC 2397).
package struct DataURL: Sendable, Hashable {
    /// The media type with its parameters, after percent-decoding.
    ///
    /// If the URL has only parameters, the value is `text/plain` with these parameters. If the URL has
    /// neither a media type nor parameters, the value is `text/plain;charset=US-ASCII`.
    package let mediaType: String
    /// The content, decoded.
    package let body: [UInt8]

    private static let defaultMediaType = Array("text/plain;charset=US-ASCII".utf8)

    /// Reads a `data:` URL.
    ///
    /// - Throws: The reason why the text is refused; `URLRefusal.notDataURL` for an http or https URL.
    package init(reading bytes: Span<UInt8>) throws(URLRefusal) {
        self = try DataURL(of: TargetURL(reading: bytes))
    }

    /// Decodes a `data:` URL, which `TargetURL` has already checked.
    ///
    /// - Throws: Only `URLRefusal.notDataURL`, for a URL with another scheme.
    package init(of url: TargetURL) throws(URLRefusal) {
        guard url.scheme == .data else { throw .notDataURL }
        let text = url.text.span
        let head = try Head(reading: text)
        let mediaType = try Self.mediaType(text, head)
        self.mediaType = String(decoding: mediaType, as: UTF8.self)
        body = try Self.body(text, head)
    }

    /// Throws if the text of a `data:` URL cannot be decoded.
    static func check(_ text: Span<UInt8>) throws(URLRefusal) {
        let head = try Head(reading: text)
        if head.typeEnd > Head.start { _ = try mediaType(text, head) }
        if head.isBase64 { _ = try body(text, head) }
    }

    /// The positions of the parts in the text of a `data:` URL.
    private struct Head {
        /// The index after `data:`.
        static let start = 5

        let typeEnd: Int
        let isBase64: Bool
        let bodyStart: Int

        init(reading text: Span<UInt8>) throws(URLRefusal) {
            var comma = Self.start
            while comma < text.count, text[comma] != UInt8(ascii: ",") { comma += 1 }
            guard comma < text.count else { throw .missingComma }
            var end = comma
            while end > Self.start, text[end - 1] == 0x20 { end -= 1 }
            let mark = "base64".utf8
            var start = end - mark.count
            // The last byte is tested before the whole word, which avoids most needless comparisons.
            guard start > Self.start, text[end - 1] == UInt8(ascii: "4"),
                text.array(start..<end).map(URLBytes.lower).elementsEqual(mark)
            else {
                (typeEnd, isBase64, bodyStart) = (comma, false, comma + 1)
                return
            }
            while start > Self.start, text[start - 1] == 0x20 { start -= 1 }
            isBase64 = text[start - 1] == UInt8(ascii: ";")
            typeEnd = isBase64 ? start - 1 : comma
            bodyStart = comma + 1
        }
    }

    private static func body(_ text: Span<UInt8>, _ head: Head) throws(URLRefusal) -> [UInt8] {
        var body = URLBytes.percentDecoded(text.extracting(head.bodyStart..<text.count))
        guard head.isBase64 else { return body }
        body.removeAll { $0 == 0x20 || 0x09...0x0D ~= $0 && $0 != 0x0B }
        guard let decoded = Base64.decode(body.span) else { throw .badBase64 }
        return decoded
    }

    private static func mediaType(_ text: Span<UInt8>, _ head: Head) throws(URLRefusal) -> [UInt8] {
        guard head.typeEnd > Head.start else { return defaultMediaType }
        var type = URLBytes.percentDecoded(text.extracting(Head.start..<head.typeEnd))
        // Parameters without a type are parameters of text/plain (RFC 2397 §2).
        if text[Head.start] == UInt8(ascii: ";") { type.insert(contentsOf: "text/plain".utf8, at: 0) }
        guard isMediaType(type.span) else {
            throw .badMediaType(Excerpt.of(type.span, from: 0, to: type.count, limit: 64))
        }
        return type
    }

    /// Returns true if the text begins with a type and a subtype, and has only printable ASCII characters.
    ///
    /// A record contains such a text as its `content_type`. The form of the parameters is not checked.
    private static func isMediaType(_ text: Span<UInt8>) -> Bool {
        var (at, halfStart, slashes) = (0, 0, 0)
        while at < text.count, text[at] != UInt8(ascii: ";") {
            if text[at] == UInt8(ascii: "/") {
                guard at > halfStart else { return false }
                (halfStart, slashes) = (at + 1, slashes + 1)
            } else if !URLBytes.token.contains(text[at]) {
                return false
            }
            at += 1
        }
        guard slashes == 1, at > halfStart else { return false }
        while at < text.count {
            guard 0x20..<0x7F ~= text[at] else { return false }
            at += 1
        }
        return true
    }
}
