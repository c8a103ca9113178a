// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The content of a `data:` URL (RFC 2397).
package struct DataURL: Sendable, Hashable {
    /// The media type with its parameters as written; `text/plain;charset=US-ASCII` if the URL names none.
    package let mediaType: String
    /// The content, decoded.
    package let body: [UInt8]

    private static let defaultMediaType = Array("text/plain;charset=US-ASCII".utf8)

    /// Reads a `data:` URL as strictly as `TargetURL` does: blanks are not allowed, padding of base64 may be left out.
    ///
    /// - Throws: What is wrong with it; `URLRefusal.notDataURL` if it is a URL with another scheme.
    package init(reading bytes: Span<UInt8>) throws(URLRefusal) {
        self = try DataURL(of: TargetURL(reading: bytes))
    }

    /// Decodes a URL that was read before.
    ///
    /// - Throws: `URLRefusal.notDataURL` if it has another scheme, and nothing else.
    package init(of url: TargetURL) throws(URLRefusal) {
        guard url.scheme == .data else { throw .notDataURL }
        let text = url.text.span
        let head = try Head(reading: text)
        let mediaType = try Self.mediaType(text, head)
        self.mediaType = String(decoding: mediaType, as: UTF8.self)
        body = try Self.body(text, head)
    }

    /// Throws if the text of a `data:` URL, percent signs of which are sound, cannot be decoded.
    static func check(_ text: Span<UInt8>) throws(URLRefusal) {
        let head = try Head(reading: text)
        if head.typeEnd > Head.start { _ = try mediaType(text, head) }
        if head.isBase64 { _ = try body(text, head) }
    }

    /// Where the parts lie in the text of a `data:` URL.
    private struct Head {
        /// The index behind `data:`.
        static let start = 5

        let typeEnd: Int
        let isBase64: Bool
        let bodyStart: Int

        init(reading text: Span<UInt8>) throws(URLRefusal) {
            var comma = Self.start
            while comma < text.count, text[comma] != UInt8(ascii: ",") { comma += 1 }
            guard comma < text.count else { throw .missingComma }
            let mark: StaticString = ";base64"
            let markStart = comma - mark.utf8CodeUnitCount
            // Most have another end, which one byte shows.
            isBase64 =
                markStart >= Self.start && text[comma - 1] == UInt8(ascii: "4")
                && text.array(markStart..<comma).map(URLBytes.lower).elementsEqual(mark.description.utf8)
            typeEnd = isBase64 ? markStart : comma
            bodyStart = comma + 1
        }
    }

    private static func body(_ text: Span<UInt8>, _ head: Head) throws(URLRefusal) -> [UInt8] {
        let body = percentDecoded(text, head.bodyStart..<text.count)
        guard head.isBase64 else { return body }
        guard let decoded = Base64.decode(body.span) else { throw .badBase64 }
        return decoded
    }

    private static func mediaType(_ text: Span<UInt8>, _ head: Head) throws(URLRefusal) -> [UInt8] {
        guard head.typeEnd > Head.start else { return defaultMediaType }
        var type = percentDecoded(text, Head.start..<head.typeEnd)
        // Parameters alone are those of text/plain (RFC 2397 §2).
        if text[Head.start] == UInt8(ascii: ";") { type.insert(contentsOf: "text/plain".utf8, at: 0) }
        guard isMediaType(type.span) else {
            throw .badMediaType(URLReader.excerpt(type.span, from: 0, to: type.count, limit: 64))
        }
        return type
    }

    /// True if the text may become a field of the record, as if a server had sent it: printable, and a type at least in form.
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

    /// The bytes of a part of the text, decoded where they are percent-encoded.
    private static func percentDecoded(_ text: Span<UInt8>, _ part: Range<Int>) -> [UInt8] {
        var index = part.lowerBound
        while index < part.upperBound, text[index] != UInt8(ascii: "%") { index += 1 }
        var bytes = text.array(part.lowerBound..<index)
        while index < part.upperBound { bytes.append(percentDecoded(text, at: &index)) }
        return bytes
    }

    /// The next byte, decoded if it is percent-encoded; moves the index behind it.
    private static func percentDecoded(_ text: Span<UInt8>, at index: inout Int) -> UInt8 {
        if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
            let high = URLBytes.hexValue(text[index + 1]), let low = URLBytes.hexValue(text[index + 2])
        {
            index += 3
            return high << 4 | low
        }
        index += 1
        return text[index - 1]
    }
}
