// SPDX-License-Identifier: MIT
// fetchpool

import TextEncodings

/// A page's text as UTF-8, whatever encoding it came in.
struct PageText {
    /// Valid UTF-8 without zero bytes, which the parser would stumble over: U+FFFD is in their place.
    let bytes: [UInt8]
    /// True if no byte is above 127.
    let isASCII: Bool
    /// The encoding that the page came in; the queries of its links are written in it.
    let encoding: TextEncoding

    /// Decodes `body`; `charset` is the label that the header has.
    ///
    /// UTF-8 without zero bytes is not copied.
    init(decoding body: [UInt8], charset: String?) {
        let page = PageEncoding(of: body.span, label: charset)
        encoding = page.encoding
        let text = page.decode(body)
        let content = ByteContent(of: page.encoding.isASCIICompatible ? body.span : text.span)
        isASCII = content.isASCII && !content.hasZeros
        bytes = content.hasZeros ? Self.replacingZeros(text) : text
    }

    private static func replacingZeros(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        for byte in text {
            if byte == 0 { result.append(contentsOf: "\u{FFFD}".utf8) } else { result.append(byte) }
        }
        return result
    }
}

/// The kinds of bytes that a text has.
private struct ByteContent {
    let isASCII: Bool
    let hasZeros: Bool

    init(of bytes: Span<UInt8>) {
        // A loop without a way out is done with 32 bytes at a time.
        var bits: UInt8 = 0
        var lowest: UInt8 = .max
        for index in 0..<bytes.count {
            bits |= bytes[index]
            lowest = min(lowest, bytes[index])
        }
        (isASCII, hasZeros) = (bits < 0x80, lowest == 0)
    }
}
