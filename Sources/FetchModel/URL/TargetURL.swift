// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// An absolute URL of a supported scheme, read as web browsers do (`WebURL`).
///
/// libcurl gets `text`, so libcurl and the rules for hosts use the same host.
///
/// Two URLs are equal if they have the same text. User name, password and fragment make no difference.
package struct TargetURL: Sendable {
    /// The supported schemes.
    package enum Scheme: UInt8, Sendable, Hashable {
        /// `http`, port 80 by default.
        case http
        /// `https`, port 443 by default.
        case https
        /// `data`, which holds its own content and needs no network (RFC 2397).
        case data

        init(_ scheme: WebURL.Scheme) {
            self =
                switch scheme {
                case .http: .http
                case .https: .https
                case .data: .data
                }
        }
    }

    /// The largest number of bytes in the text of an http or https URL: 64 KiB.
    package static let maxTextBytes = 65_536

    /// The scheme.
    package let scheme: Scheme
    /// The port of the URL, or the default port of the scheme; 0 for `data:` URLs.
    package let port: UInt16
    /// The URL in ASCII, for libcurl.
    ///
    /// The text is serialized as in the URL Standard, but without user name, password and fragment. A URL
    /// that is read from the text is equal to this URL.
    package let text: [UInt8]
    /// The user name and password, each percent-encoded; `nil` if the URL has neither.
    let user: WebURL.UserInfo?

    // The start and the end of the host in the text.
    let hostStart: UInt32
    let hostEnd: UInt32
    /// The index in the text at which the path begins.
    package let pathStart: UInt32

    /// Reads a URL.
    ///
    /// - Throws: The reason why the URL is refused.
    package init(reading bytes: Span<UInt8>) throws(URLRefusal) {
        if let plain = PlainURL(reading: bytes), plain.isCanonical {
            self.init(plain, bytes)
        } else {
            self = try TargetURL(readingAnyway: bytes)
        }
    }

    /// Creates a URL from a plain URL whose `isCanonical` is true.
    init(_ plain: PlainURL, _ bytes: Span<UInt8>) {
        (scheme, port, text, user) = (plain.scheme, plain.port, bytes.array(0..<bytes.count), nil)
        hostStart = UInt32(plain.host.lowerBound)
        hostEnd = UInt32(plain.host.upperBound)
        pathStart = UInt32(plain.pathStart)
    }

    /// Reads a URL in any form, without the fast path of `init(reading:)`.
    ///
    /// - Throws: The reason why the URL is refused.
    package init(readingAnyway bytes: Span<UInt8>) throws(URLRefusal) {
        if let fault = UTF8Check.firstFault(in: bytes) { throw .notUTF8(byte: fault + 1) }
        let url: WebURL
        do throws(WebURLFault) {
            url = try WebURL(reading: bytes)
        } catch {
            throw URLRefusal(error, of: bytes)
        }
        try self.init(url)
    }

    /// Creates a URL from a `WebURL`.
    ///
    /// - Throws: `URLRefusal` if the URL is too long, has the port 0, or is an invalid `data:` URL.
    init(_ url: WebURL) throws(URLRefusal) {
        if url.scheme == .data {
            try DataURL.check(url.text.span)
        } else {
            guard url.text.count <= Self.maxTextBytes else { throw .tooLong(limit: Self.maxTextBytes) }
            guard url.port > 0 else { throw .portOutOfRange("0") }
        }
        (scheme, port, text, user) = (Scheme(url.scheme), url.port, url.text, url.user)
        hostStart = UInt32(url.host.lowerBound)
        hostEnd = UInt32(url.host.upperBound)
        pathStart = UInt32(url.pathStart)
    }

    /// The URL as a base for resolving references.
    var base: WebURL {
        let scheme: WebURL.Scheme =
            switch scheme {
            case .http: .http
            case .https: .https
            case .data: .data
            }
        return WebURL(scheme: scheme, port: port, text: text, host: hostRange, pathStart: Int(pathStart))
    }

    /// The field that sends the user name and password; `nil` if the URL has neither.
    ///
    /// Send this field only to the origin of the URL.
    package var authorization: HeaderField? { user.map { HeaderField(basic: $0) } }

    /// The host in lower case, without the brackets of an IPv6 address; empty for `data:` URLs.
    ///
    /// A trailing dot stays here, but `hostKey` leaves the dot out.
    package var host: String {
        String(decoding: text[Int(hostStart)..<Int(hostEnd)], as: UTF8.self)
    }

    /// The range of host and port in the text; for an IPv6 address, the range begins after the opening
    /// bracket.
    package var authority: Range<Int> { Int(hostStart)..<Int(pathStart) }

    /// The range of the host in the text, without the brackets of an IPv6 address; empty for `data:` URLs.
    package var hostRange: Range<Int> { Int(hostStart)..<Int(hostEnd) }

    /// The key of the URL's host; each access creates a new key.
    package var hostKey: HostKey {
        var end = Int(hostEnd)
        if end > hostStart, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return HostKey(name: String(decoding: text[Int(hostStart)..<end], as: UTF8.self), port: port)
    }
}

extension TargetURL: Hashable {
    /// Returns true if both URLs have the same text.
    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    /// Hashes the text.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension TargetURL: CustomStringConvertible {
    /// The text as a string.
    package var description: String { String(decoding: text, as: UTF8.self) }
}
