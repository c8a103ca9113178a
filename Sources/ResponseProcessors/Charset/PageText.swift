// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A page's bytes as UTF-8, whatever charset they came in.
///
/// The charset is that of the first of these which names one that is known, as in the HTML standard ("determining the character
/// encoding"): a byte order mark, the header, a `meta` element in the first 1,024 bytes. Else it is UTF-8 if the bytes are valid UTF-8,
/// and windows-1252 if not. Bytes that the charset does not allow become U+FFFD.
struct PageText {
    /// Valid UTF-8 without zero bytes, which the parser would stumble over.
    let bytes: [UInt8]
    /// Whether no byte is above 127.
    let isASCII: Bool

    /// How far into a page a `meta` element is looked for, in bytes; the HTML standard's own number.
    private static let metaBytes = 1024

    /// Decodes `body`; `charset` is what the header names.
    ///
    /// Clean UTF-8 is not copied.
    init(decoding body: [UInt8], charset: String?) {
        let text = Self.decode(body, charset: charset, isPlain: Self.isPlain(body.span))
        isASCII = Self.isPlain(text.span)
        bytes = text
    }

    private static func decode(_ body: [UInt8], charset: String?, isPlain: Bool) -> [UInt8] {
        let span = body.span
        if let mark = ByteOrderMark(span) {
            let rest = span.array(mark.length..<span.count)
            return decode(rest, as: mark.charset, isPlain: false) ?? repaired(rest)
        }
        if let charset, let text = decode(body, as: Charset(label: charset), isPlain: isPlain) { return text }
        if let label = MetaCharset.find(in: span.extracting(first: min(span.count, metaBytes))),
            let text = decode(body, as: Charset(inPage: label), isPlain: isPlain)
        {
            return text
        }
        if isPlain { return body }
        return UTF8Check.isValid(span) ? repaired(body) : Windows1252.decode(span)
    }

    private static func decode(_ bytes: [UInt8], as charset: Charset?, isPlain: Bool) -> [UInt8]? {
        switch charset {
        case .utf8: isPlain ? bytes : repaired(bytes)
        case .windows1252: isPlain ? bytes : Windows1252.decode(bytes.span)
        case .other(let name): IconvDecoder.decode(bytes, from: name)
        case nil: nil
        }
    }

    /// Whether there is nothing but ASCII in `bytes`, and no zero byte.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        // Less one, a zero has the top bit too. A loop without a way out is done with 32 bytes at a time.
        var topBits: UInt8 = 0
        for index in 0..<bytes.count { topBits |= bytes[index] | (bytes[index] &- 1) }
        return topBits < 0x80
    }

    /// The text with U+FFFD for zero bytes and for what is no UTF-8.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        let span = bytes.span
        guard !isClean(span) else { return bytes }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 64)
        var position = 0
        while position < span.count {
            let next = span[position] < 0x80 ? position + 1 : UTF8Check.endOfScalar(at: position, in: span)
            if let next, span[position] != 0 {
                for index in position..<next { text.append(span[index]) }
            } else {
                text.append(contentsOf: "\u{FFFD}".utf8)
            }
            position = next ?? position + 1
        }
        return text
    }

    private static func isClean(_ bytes: Span<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            let blockEnd = min(position + 32, bytes.count)
            if isPlain(bytes.extracting(position..<blockEnd)) { position = blockEnd }
            while position < blockEnd {
                let byte = bytes[position]
                if byte &- 1 < 0x7F {
                    position += 1
                } else {
                    guard byte != 0, let next = UTF8Check.endOfScalar(at: position, in: bytes) else {
                        return false
                    }
                    position = next
                }
            }
        }
        return true
    }
}
