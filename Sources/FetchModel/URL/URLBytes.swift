// SPDX-License-Identifier: MIT
// fetchpool

/// What a URL is made of, byte by byte: the classes of RFC 3986 §2 as bit masks, so that a look-up is a shift.
enum URLBytes {
    /// Bytes that stand for themselves in a path or query: `pchar` without percent, and `/` and `?` (RFC 3986 §3.3, §3.4).
    static let plain = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?"
    )
    /// `plain` without the dot, which may make a path segment that means another.
    static let plainWithoutDot = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,;=:@/?"
    )
    /// Bytes of a host name that is written in lower case.
    static let plainHost = ASCIISet("abcdefghijklmnopqrstuvwxyz0123456789-_")
    /// Bytes outside the grammar that lists of URLs hold all the same; they are written percent-encoded.
    static let encoded = ASCIISet("\"<>^`{|}[]")
    /// Bytes of a host name: those of DNS names, and the underscore of names like `_dmarc.example.com`.
    static let host = ASCIISet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    /// Bytes of a scheme after its first letter (RFC 3986 §3.1).
    static let scheme = ASCIISet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.")
    /// Bytes of a token, such as the two halves of a media type (RFC 9110 §5.6.2).
    static let token = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"
    )

    /// Bytes that the names of registered media types have (RFC 6838 §4.2), but for some that are rare.
    static let mediaName = ASCIISet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-._")

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit; nil for any other byte.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// The digit for a value below 16.
    static func hexDigit(_ value: UInt8, upper: Bool) -> UInt8 {
        value < 10 ? value + 0x30 : value - 10 + (upper ? 0x41 : 0x61)
    }

    static func appendPercentEncoded(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "%"))
        text.append(hexDigit(byte >> 4, upper: true))
        text.append(hexDigit(byte & 15, upper: true))
    }
}
