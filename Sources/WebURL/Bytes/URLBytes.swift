// SPDX-License-Identifier: MIT
// fetchpool

/// Sets of bytes for the parts of URLs and media types, and functions for bytes.
///
/// For each of `path`, `query`, `opaqueQuery`, `fragment` and `userInfo`, the URL Standard (§1.3) has a
/// percent-encode set. The set here holds the printable bytes that are *not* in that percent-encode set.
package enum URLBytes {
    /// Bytes that stay as they are in a path.
    static let path = ASCIISet(printableBut: "\"#<>?^`{}")
    /// Bytes that stay as they are in the query of an http or https URL.
    static let query = ASCIISet(printableBut: "\"#<>'")
    /// Bytes that stay as they are in the query of a `data:` URL.
    static let opaqueQuery = ASCIISet(printableBut: "\"#<>")
    /// Bytes that stay as they are in a fragment.
    static let fragment = ASCIISet(printableBut: "\"<>`")
    /// Bytes that stay as they are in a user name or password.
    static let userInfo = ASCIISet(printableBut: "\"#<>?^`{}/:;=@[\\]|")
    /// Bytes that stay as they are in an opaque path.
    ///
    /// A space is not in the set, but stays too, unless it is the last byte before a query or a fragment.
    static let opaquePath = ASCIISet(printableBut: "")

    /// Bytes that a host name must not have: the forbidden domain code points without the C0 controls.
    static let forbiddenInDomain = ASCIISet(" #/:<>?@[\\]^|%\u{7F}")

    /// Bytes that stay as they are both in a path and in a query, and the question mark between the two.
    ///
    /// The percent sign and the backslash are not in the set, because they can change the segments of a path.
    package static let plain = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&()*+,;=:@/?|[]"
    )
    /// `plain` without the dot, which can form a dot segment.
    package static let plainWithoutDot = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&()*+,;=:@/?|[]"
    )
    /// Bytes of ordinary host names in lower case, without the dot.
    package static let plainHost = ASCIISet("abcdefghijklmnopqrstuvwxyz0123456789-_")
    /// Bytes of a scheme after its first letter (RFC 3986 §3.1).
    package static let scheme = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."
    )
    /// Bytes of a token (RFC 9110 §5.6.2).
    package static let token = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"
    )
    /// Bytes of media type names (RFC 6838 §4.2), without the rare `!`, `#`, `$`, `&` and `^`.
    package static let mediaName = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-+._"
    )

    /// Returns true for an ASCII letter.
    @inlinable
    package static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// Returns true for an ASCII digit.
    @inlinable
    package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Returns true for a slash or a backslash.
    @inlinable
    package static func isSlash(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
    }

    /// Returns an ASCII letter in lower case, and any other byte as it is.
    @inlinable
    package static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Returns the value of a hexadecimal digit; `nil` for any other byte.
    @inlinable
    package static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// Appends a byte as a percent sign and two hexadecimal digits, with letters in upper case.
    package static func appendPercentEncoded(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "%"))
        text.append(hexDigit(byte >> 4))
        text.append(hexDigit(byte & 15))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value - 10 + 0x41 }

    /// Decodes percent-encoded bytes; a percent sign without two hexadecimal digits after it stays as it is.
    package static func percentDecoded(_ bytes: Span<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: "%") {
            decoded.append(bytes[index])
            index += 1
        }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%"), index + 1 < bytes.count, let high = hexValue(bytes[index]),
                let low = hexValue(bytes[index + 1])
            {
                decoded.append(high << 4 | low)
                index += 2
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }
}
