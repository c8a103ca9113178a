// SPDX-License-Identifier: MIT
// fetchpool

/// The content of a `data:` URL (RFC 2397).
package struct DataURL: Sendable, Hashable {
    /// The media type with its parameters as written; `text/plain;charset=US-ASCII` if the URL names none.
    package let mediaType: String
    /// The value of the media type's parameter `charset`, without quotes; nil if it has none.
    package let charset: String?
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
        // `data:,x` is the cheapest task there is; what its default says need not be looked for each time.
        charset = head.typeEnd == Head.start ? "US-ASCII" : Self.charset(of: self.mediaType)
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
            var isBase64 = markStart >= Self.start
            if isBase64 {
                for (offset, byte) in mark.description.utf8.enumerated() {
                    isBase64 = isBase64 && URLBytes.lower(text[markStart + offset]) == byte
                }
            }
            self.isBase64 = isBase64
            typeEnd = isBase64 ? markStart : comma
            bodyStart = comma + 1
        }
    }

    private static func body(_ text: Span<UInt8>, _ head: Head) throws(URLRefusal) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(text.count - head.bodyStart)
        var index = head.bodyStart
        while index < text.count { body.append(percentDecoded(text, at: &index)) }
        guard head.isBase64 else { return body }
        guard let decoded = Base64.decode(body.span) else { throw .badBase64 }
        return decoded
    }

    private static func mediaType(_ text: Span<UInt8>, _ head: Head) throws(URLRefusal) -> [UInt8] {
        guard head.typeEnd > Head.start else { return defaultMediaType }
        var type: [UInt8] = []
        // Parameters alone are those of text/plain (RFC 2397 §2).
        if text[Head.start] == UInt8(ascii: ";") { type.append(contentsOf: "text/plain".utf8) }
        var index = Head.start
        while index < head.typeEnd { type.append(percentDecoded(text, at: &index)) }
        // It becomes a field of the record, as if a server had sent it: printable, and a type at least in form.
        let isPrintable = type.allSatisfy { 0x20..<0x7F ~= $0 }
        let halves = type.prefix { $0 != UInt8(ascii: ";") }
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard isPrintable, halves.count == 2,
            halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy(URLBytes.token.contains) })
        else { throw .badMediaType(URLReader.excerpt(type.span, from: 0, to: type.count, limit: 64)) }
        return type
    }

    private static func charset(of mediaType: String) -> String? {
        for parameter in mediaType.split(separator: ";").dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "charset" else { continue }
            let value = pair[1]
            return String(
                value.count >= 2 && value.first == "\"" && value.last == "\""
                    ? value.dropFirst().dropLast() : value
            )
        }
        return nil
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
