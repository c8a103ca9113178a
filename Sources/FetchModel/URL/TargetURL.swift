// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// An absolute URL that may be fetched, read once and strictly (RFC 3986), so that libcurl sees the same host and path as the rules
/// per host do.
///
/// Two URLs are equal if the same bytes are sent for them: letter case of scheme and host, a default port, dot segments and the
/// fragment make no difference. One array of bytes is all that a value owns.
package struct TargetURL: Sendable {
    /// How the URL is fetched.
    package enum Scheme: UInt8, Sendable, Hashable {
        /// `http`, port 80 by default.
        case http
        /// `https`, port 443 by default.
        case https
        /// `data`, which holds its own content and needs no network (RFC 2397).
        case data
    }

    /// The most bytes that the text of an http or https URL may have: 64 KiB.
    ///
    /// A `data:` URL has no limit of its own.
    package static let maxTextBytes = 65_536

    /// How the URL is fetched.
    package let scheme: Scheme
    /// The port, the scheme's own if the URL names none; 0 for `data:` URLs.
    package let port: UInt16
    /// The URL written anew from its parts, in ASCII: what libcurl is given.
    ///
    /// Scheme and host are in lower case, an IPv6 address is in the form of RFC 5952, a port is there only if it is not the default,
    /// the path is never empty and has no dot segments (also none written with `%2e`), and there is no fragment. Bytes above 127 and
    /// `"<>^{|}[]` and the backtick are percent-encoded; what was percent-encoded already is as it was. Reading it gives an equal value.
    package let text: [UInt8]

    // Where host and path lie in the text. A host has at most 254 bytes, so these are small even if the text is not.
    let hostStart: UInt16
    let hostEnd: UInt16
    /// Where the path begins in the text.
    package let pathStart: UInt16

    /// Reads a URL; there are no blanks around it.
    ///
    /// - Throws: What is wrong with it: `URLRefusal.errorClass` is `scheme` if the scheme is missing or none of ours, and `url` otherwise.
    package init(reading bytes: Span<UInt8>) throws(URLRefusal) {
        if let plain = PlainURL(reading: bytes), plain.isCanonical {
            self.init(plain, bytes)
        } else {
            self = try TargetURL(readingAnyway: bytes)
        }
    }

    /// Takes a URL whose text is canonical already.
    init(_ plain: PlainURL, _ bytes: Span<UInt8>) {
        (scheme, port, text) = (plain.scheme, plain.port, bytes.array(0..<bytes.count))
        hostStart = UInt16(plain.host.lowerBound)
        hostEnd = UInt16(plain.host.upperBound)
        pathStart = UInt16(plain.pathStart)
    }

    /// Reads a URL in whatever form.
    init(readingAnyway bytes: Span<UInt8>) throws(URLRefusal) {
        var reader = URLReader(expecting: bytes.count)
        scheme = try reader.readScheme(bytes)
        if scheme == .data {
            try reader.readData(bytes)
        } else {
            try reader.readAuthority(bytes, defaultPort: scheme == .http ? 80 : 443)
            try reader.readPath(bytes)
            guard reader.text.count <= Self.maxTextBytes else { throw .tooLong(limit: Self.maxTextBytes) }
        }
        port = reader.port
        hostStart = UInt16(reader.hostStart)
        hostEnd = UInt16(reader.hostEnd)
        pathStart = UInt16(reader.pathStart)
        text = reader.text
    }

    /// The host in lower case; an IPv6 address without its brackets; empty for `data:` URLs.
    ///
    /// The trailing dot of a full name stays, as libcurl sends it in `Host`; `hostKey` is without it.
    package var host: String {
        String(decoding: text[Int(hostStart)..<Int(hostEnd)], as: UTF8.self)
    }

    /// The range of the text in which host and port stand; the brackets of an IPv6 address are no part of it, but for the last one.
    package var authority: Range<Int> { Int(hostStart)..<Int(pathStart) }

    /// Where the host lies in the text, an IPv6 address without its brackets; empty for `data:` URLs.
    package var hostRange: Range<Int> { Int(hostStart)..<Int(hostEnd) }

    /// What rules per host are kept by.
    ///
    /// It is made anew at each call.
    package var hostKey: HostKey {
        var end = Int(hostEnd)
        if end > hostStart, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return HostKey(name: String(decoding: text[Int(hostStart)..<end], as: UTF8.self), port: port)
    }
}

extension TargetURL: Hashable {
    /// Whether the same bytes are sent for both: all else follows from the text.
    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    /// Hashes the text.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension TargetURL: CustomStringConvertible {
    /// The text as a string.
    package var description: String { String(decoding: text, as: UTF8.self) }
}
