// SPDX-License-Identifier: MIT
// fetchpool

/// A cookie as a jar keeps it (RFC 6265 §5.3).
///
/// Name, value and path are raw bytes without control characters.
package struct Cookie: Hashable, Sendable {
    /// The name, which is not empty.
    package var name: [UInt8]
    /// The value; may be empty.
    package var value: [UInt8]
    /// The host that gets the cookie, in lower case and without a leading dot.
    package var domain: String
    /// True if subdomains of `domain` do not get the cookie.
    package var isHostOnly: Bool
    /// The path that gets the cookie; paths below this path get the cookie too.
    package var path: [UInt8]
    /// True if the cookie is sent only over https.
    package var isSecure: Bool
    /// True if scripts of a page must not read the cookie.
    ///
    /// The value has no effect on requests. It is written to the cookie file, for other programs.
    package var isHTTPOnly: Bool
    /// The time at which the cookie expires, in seconds since 1970; `nil` for the end of the session.
    package var expiry: Int?

    /// The largest number of bytes of name and value together (draft-ietf-httpbis-rfc6265bis).
    package static let maxBytes = 4_096

    /// The properties that identify a cookie; a new cookie replaces an old cookie with the same key.
    package struct Key: Hashable, Sendable {
        let name: [UInt8]
        let domain: String
        let isHostOnly: Bool
        let path: [UInt8]
    }

    /// The key of this cookie.
    package var key: Key { Key(name: name, domain: domain, isHostOnly: isHostOnly, path: path) }

    /// The approximate memory of the cookie, in bytes.
    var bytes: Int { name.count + value.count + domain.utf8.count + path.count + 200 }

    /// Returns true if the cookie has expired at `now`, in seconds since 1970.
    package func isExpired(at now: Int) -> Bool { expiry.map { $0 <= now } ?? false }

    /// Returns true if the cookie is sent to a host (RFC 6265 §5.1.3).
    ///
    /// A host-only cookie is sent only to `domain`. Any other cookie is also sent to subdomains of `domain`.
    func isSent(to host: String) -> Bool {
        domain == host || !isHostOnly && CookieDomain.isBelow(host, domain)
    }

    /// Returns true if the cookie's path covers `other`, the path of a request (RFC 6265 §5.1.4).
    func covers(_ other: [UInt8]) -> Bool {
        guard other.starts(with: path) else { return false }
        return other.count == path.count || path.last == UInt8(ascii: "/")
            || other[path.count] == UInt8(ascii: "/")
    }
}

/// The comparisons of host names that the rules for cookies need.
enum CookieDomain {
    /// Returns true if `host` is a subdomain of `domain`; false if `host` is an address.
    static func isBelow(_ host: String, _ domain: String) -> Bool {
        let (host, domain) = (host.utf8, domain.utf8)
        guard host.count > domain.count + 1, !domain.isEmpty else { return false }
        let dot = host.index(host.endIndex, offsetBy: -domain.count - 1)
        guard host[dot] == UInt8(ascii: "."), host[dot...].dropFirst().elementsEqual(domain) else {
            return false
        }
        return !isAddress(String(decoding: host, as: UTF8.self))
    }

    /// Returns true for an IPv4 or IPv6 address.
    static func isAddress(_ host: String) -> Bool {
        IPAddress(reading: Array(host.utf8).span) != nil
    }
}

/// The parts of a URL that decide which cookies a request sends, and which cookies the response may set.
package struct CookieURL: Hashable, Sendable {
    let isSecure: Bool
    /// The host, in lower case, without a trailing dot and without the brackets of an IPv6 address.
    let host: String
    /// The path without the query.
    let path: [UInt8]

    /// Creates the parts from a URL.
    package init(_ url: TargetURL) {
        isSecure = url.scheme == .https
        host = url.hostKey.name
        let rest = url.text[Int(url.pathStart)...]
        path = Array(rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    }

    /// The path of a cookie without a usable `Path` attribute (RFC 6265 §5.1.4).
    var defaultPath: [UInt8] {
        let slash = UInt8(ascii: "/")
        guard path.first == slash, let last = path.lastIndex(of: slash), last > 0 else { return [slash] }
        return Array(path[..<last])
    }
}
