// SPDX-License-Identifier: MIT
// fetchpool

/// The address of an HTTP proxy, as given to the option `--proxy`.
package struct ProxyURL: Hashable, Sendable {
    /// The URL in the form for libcurl, with its port.
    package let text: String

    /// The reason why a text is not the address of an HTTP proxy.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// One sentence that says what to change.
        package let description: String
    }

    /// Parses `http://host:port` or `host:port`; the default port is 80.
    ///
    /// - Throws: `Refusal` for a text with parts that would be ignored: another scheme, a user name, a path.
    package init(reading text: String) throws(Refusal) {
        let whole = text.utf8.contains(UInt8(ascii: "/")) ? text : "http://" + text
        let url: TargetURL
        do throws(URLRefusal) {
            url = try TargetURL(reading: Array(whole.utf8).span)
        } catch {
            switch error {
            case .unsupportedScheme, .missingScheme: throw Self.wrongScheme
            default: throw Refusal(description: error.description)
            }
        }
        guard url.scheme == .http else { throw Self.wrongScheme }
        guard url.user == nil else {
            throw Refusal(description: "user names and passwords for a proxy are not supported yet")
        }
        guard url.text.count == Int(url.pathStart) + 1 else {
            throw Refusal(description: "a proxy has no path; write http://\(url.hostKey)")
        }
        // Without a port libcurl would use 1080, which is not the default of this scheme.
        self.text = "http://\(url.hostKey)"
    }

    private static let wrongScheme = Refusal(
        description: "only HTTP proxies are supported; write one such as http://proxy.example:3128"
    )
}
