// SPDX-License-Identifier: MIT
// fetchpool

/// A cookie as a jar keeps it (RFC 6265 §5.3).
///
/// Name, value and path are bytes as the server sent them, without control characters.
package struct Cookie: Hashable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]
    /// The host that it is sent to, in lower case, without a dot in front.
    package var domain: String
    /// True if hosts below `domain` do not get it.
    package var isHostOnly: Bool
    /// The path at and below which it is sent.
    package var path: [UInt8]
    /// True if it is sent over https alone.
    package var isSecure: Bool
    /// True if scripts of a page may not read it; kept for whoever reads the jar next.
    package var isHTTPOnly: Bool
    /// The time at which it ends, in seconds since 1970; `nil` for the end of the session.
    package var expiry: Int?

    /// The most bytes that name and value may have together (RFC 6265 §6.1).
    package static let maxBytes = 4_096

    /// The properties that tell a cookie from others; a new one with the same takes an old one's place.
    package struct Key: Hashable, Sendable {
        let name: [UInt8]
        let domain: String
        let isHostOnly: Bool
        let path: [UInt8]
    }

    /// The parts that tell the cookie from others.
    package var key: Key { Key(name: name, domain: domain, isHostOnly: isHostOnly, path: path) }

    /// About the memory that it takes, in bytes.
    var bytes: Int { name.count + value.count + domain.utf8.count + path.count + 200 }

    /// True if it has ended.
    func isExpired(at now: Int) -> Bool { expiry.map { $0 <= now } ?? false }

    /// True for the cookie's own host, and for those below it unless it is for its host alone (RFC 6265
    /// §5.1.3).
    func isSent(to host: String) -> Bool {
        domain == host || !isHostOnly && CookieDomain.isBelow(host, domain)
    }

    /// True if it is sent with requests for `path` (RFC 6265 §5.1.4).
    func covers(_ other: [UInt8]) -> Bool {
        guard other.starts(with: path) else { return false }
        return other.count == path.count || path.last == UInt8(ascii: "/")
            || other[path.count] == UInt8(ascii: "/")
    }
}

/// Names of hosts, as the rules of cookies compare them.
enum CookieDomain {
    /// True if `host` is a name below `domain`; never for an address.
    static func isBelow(_ host: String, _ domain: String) -> Bool {
        let (host, domain) = (host.utf8, domain.utf8)
        guard host.count > domain.count + 1, !domain.isEmpty else { return false }
        let dot = host.index(host.endIndex, offsetBy: -domain.count - 1)
        guard host[dot] == UInt8(ascii: "."), host[dot...].dropFirst().elementsEqual(domain) else {
            return false
        }
        return !isAddress(String(decoding: host, as: UTF8.self))
    }

    /// True for an address of IPv4 or IPv6.
    static func isAddress(_ host: String) -> Bool {
        IPAddress(reading: Array(host.utf8).span) != nil
    }
}

/// The parts of a URL that decide which cookies a request for it bears, and which its response may set.
package struct CookieURL: Hashable, Sendable {
    let isSecure: Bool
    /// In lower case, without the trailing dot of a full name and without brackets.
    let host: String
    /// The path without the query.
    let path: [UInt8]

    /// The parts of a URL.
    package init(_ url: TargetURL) {
        isSecure = url.scheme == .https
        host = url.hostKey.name
        let rest = url.text[Int(url.pathStart)...]
        path = Array(rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    }

    /// The path of cookies that name none (RFC 6265 §5.1.4).
    var defaultPath: [UInt8] {
        let slash = UInt8(ascii: "/")
        guard path.first == slash, let last = path.lastIndex(of: slash), last > 0 else { return [slash] }
        return Array(path[..<last])
    }
}
