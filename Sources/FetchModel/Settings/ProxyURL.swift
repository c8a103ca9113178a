// SPDX-License-Identifier: MIT
// fetchpool

/// The address of a proxy, as given to the option `--proxy`.
package struct ProxyURL: Hashable, Sendable {
    /// The URL in the form for libcurl, with its port.
    package let text: String

    /// The protocol of a proxy.
    package enum Kind: String, CaseIterable, Sendable {
        /// HTTP, with CONNECT for https URLs.
        case http
        /// Like `http`, over TLS.
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
    }

    /// The protocol of the proxy.
    package let kind: Kind

    /// True if the proxy resolves host names.
    package var resolvesNames: Bool { kind != .socks5 }

    /// The reason why a text is not the address of a proxy.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// One sentence that says what to change.
        package let description: String
    }

    /// Parses `scheme://host:port`, or `host:port` for an HTTP proxy; the default port is that of the scheme.
    ///
    /// - Throws: `Refusal` if the text is not valid, or has an unknown scheme, a user name or a path.
    package init(reading text: String) throws(Refusal) {
        let whole = text.utf8.contains(UInt8(ascii: "/")) ? text : "http://" + text
        guard let colon = whole.firstIndex(of: ":"), let kind = Kind(rawValue: whole[..<colon].lowercased())
        else { throw Self.wrongScheme }
        self.kind = kind
        let url: TargetURL
        do throws(URLRefusal) {
            // The text is read as an HTTP URL, because host and port have the same grammar in all these
            // schemes.
            url = try TargetURL(reading: Array("http\(whole[colon...])".utf8).span)
        } catch {
            switch error {
            case .unsupportedScheme, .missingScheme: throw Self.wrongScheme
            default: throw Refusal(description: error.description)
            }
        }
        guard url.user == nil else { throw Self.userInfo }
        guard url.text.count == Int(url.pathStart) + 1 else {
            throw Refusal(description: "a proxy has no path; write \(kind.rawValue)://\(url.hostKey)")
        }
        let authority = whole[colon...].dropFirst(3).prefix { $0 != "/" }
        guard !authority.contains("@") else { throw Self.userInfo }
        // `TargetURL` does not show whether the text names port 80.
        let bracket = authority.lastIndex(of: "]").map(authority.index(after:))
        let behindHost = authority[(bracket ?? authority.startIndex)...]
        let namesPort = behindHost.contains(":") && !behindHost.hasSuffix(":")
        let port = namesPort ? url.port : kind.defaultPort
        // Without a port, libcurl would use 1080 for `http`, instead of 80.
        self.text = "\(kind.rawValue)://\(HostKey(name: url.hostKey.name, port: port))"
    }

    private static let userInfo = Refusal(
        description: "user names and passwords for a proxy are not supported yet"
    )
    private static let wrongScheme = Refusal(
        description:
            "write a proxy as http://, https://, socks5:// or socks5h://, a host and a port, such as http://proxy.example:3128"
    )
}
