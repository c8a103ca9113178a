// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// The address of a proxy, as given to the option `--proxy`, with the user name and password if given.
///
/// The description holds no user name and no password.
package struct ProxyURL: Hashable, Sendable {
    /// The protocol of a proxy.
    package enum Kind: String, CaseIterable, Sendable {
        /// HTTP, with CONNECT for https URLs.
        case http
        /// HTTP over TLS, with CONNECT for https URLs.
        case https
        /// SOCKS 5 (RFC 1928) with addresses: names are resolved on this machine.
        case socks5
        /// SOCKS 5 with names, which the proxy resolves.
        case socks5h

        /// The default port.
        fileprivate var defaultPort: UInt16 {
            switch self {
            case .http: 80
            case .https: 443
            case .socks5, .socks5h: 1_080
            }
        }

        /// True for HTTP, with TLS or without.
        fileprivate var isHTTP: Bool { self == .http || self == .https }
    }

    /// The protocol of the proxy.
    package let kind: Kind
    /// The host and port of the proxy, such as `localhost:3128`.
    private let address: String
    /// The user name and password, percent-encoded, with a colon between them; `nil` if there are none.
    private let login: String?

    /// The URL in the form for libcurl and for workers, with its port, user name and password.
    ///
    /// Messages to the user and command lines must not contain this text.
    package var secretText: String { login.map { "\(kind.rawValue)://\($0)@\(address)" } ?? description }

    /// The host of the proxy, without the port.
    package var host: String { String(address[..<(address.lastIndex(of: ":") ?? address.endIndex)]) }

    /// True if the proxy resolves host names.
    package var resolvesNames: Bool { kind != .socks5 }

    /// True for an HTTP or HTTPS proxy, which gets the whole URL of an http request.
    package var speaksHTTP: Bool { kind.isHTTP }

    /// The reason why a text is not the address of a proxy, or why a proxy and another setting exclude each
    /// other.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// One sentence that says what to change, without a user name and password.
        package let description: String
    }

    private init(_ kind: Kind, _ address: String) {
        (self.kind, self.address, login) = (kind, address, nil)
    }

    /// A proxy that is never reached (RFC 6761 §6.4).
    ///
    /// This proxy replaces a proxy URL in `config` that cannot be read. So a request fails, and is not sent
    /// without a proxy.
    static let unreachable = ProxyURL(.http, "unreadable-proxy.invalid:80")

    /// Parses `scheme://user:password@host:port`; scheme, login and port can be left out.
    ///
    /// The default scheme is `http`. The default port depends on the scheme (`Kind.defaultPort`).
    ///
    /// - Throws: `Refusal` if the text is not valid, has an unknown scheme, or has a path. A user name or
    ///   password that the proxy's protocol cannot transmit is refused too.
    package init(reading text: String) throws(Refusal) {
        let whole = text.utf8.contains(UInt8(ascii: "/")) ? text : "http://" + text
        guard let colon = whole.firstIndex(of: ":"), let kind = Kind(rawValue: whole[..<colon].lowercased())
        else { throw Self.wrongScheme }
        self.kind = kind
        // The text is read as an HTTP URL, because host and port have the same grammar in all these schemes.
        let bytes = Array("http\(whole[colon...])".utf8)
        let authority = URLAuthority(in: bytes.span)
        guard !bytes[authority.range.upperBound...].contains(UInt8(ascii: "@")) else {
            // Any other message could show a part of the password, which looks like a port here.
            throw Self.bareCharacter
        }
        let url: TargetURL
        do throws(URLRefusal) {
            url = try TargetURL(reading: bytes.span)
        } catch {
            switch error {
            case .unsupportedScheme, .missingScheme: throw Self.wrongScheme
            default: throw Refusal(description: error.description)
            }
        }
        guard url.text.count == Int(url.pathStart) + 1 else {
            throw Refusal(description: "a proxy has no path; write \(kind.rawValue)://\(url.hostKey)")
        }
        // `TargetURL` does not show whether the text names port 80.
        let host = bytes[authority.hostStart..<authority.range.upperBound]
        let behindHost = host.lastIndex(of: UInt8(ascii: "]")).map { host[$0...] } ?? host
        let namesPort = behindHost.contains(UInt8(ascii: ":")) && behindHost.last != UInt8(ascii: ":")
        // Without a port, libcurl would use 1080 for `http`, instead of 80.
        let port = namesPort ? url.port : kind.defaultPort
        address = HostKey(name: url.hostKey.name, port: port).description
        login = try url.user.map { user throws(Refusal) in try Self.login(user, for: kind) }
    }

    /// Returns the user name and password, with all bytes percent-encoded except letters and digits.
    ///
    /// - Throws: `Refusal` if the proxy's protocol cannot transmit the user name or the password.
    private static func login(_ user: WebURL.UserInfo, for kind: Kind) throws(Refusal) -> String {
        let name = URLBytes.percentDecoded(user.name.span)
        let password = URLBytes.percentDecoded(user.password.span)
        guard !(name + password).contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Refusal(
                description: "the user name or password of a proxy holds a control character; remove it"
            )
        }
        if kind.isHTTP, name.contains(UInt8(ascii: ":")) {
            throw Refusal(
                description:
                    "a user name for an HTTP proxy cannot hold a colon (RFC 7617); use another user name"
            )
        }
        if !kind.isHTTP, max(name.count, password.count) > 255 {
            throw Refusal(
                description:
                    "a user name and a password for a SOCKS proxy have at most 255 bytes each (RFC 1929); write shorter ones"
            )
        }
        return "\(encoded(name)):\(encoded(password))"
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if URLBytes.isLetter(byte) || URLBytes.isDigit(byte) {
                text.append(byte)
            } else {
                URLBytes.appendPercentEncoded(byte, to: &text)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let bareCharacter = Refusal(
        description:
            "in a user name or password, write / as %2F, \\ as %5C, ? as %3F and # as %23; a proxy has no path"
    )
    private static let wrongScheme = Refusal(
        description:
            "write a proxy as http://, https://, socks5:// or socks5h://, a host and a port, such as http://proxy.example:3128"
    )
}

extension ProxyURL: CustomStringConvertible {
    /// The URL with its port, without user name and password.
    package var description: String { "\(kind.rawValue)://\(address)" }
}
