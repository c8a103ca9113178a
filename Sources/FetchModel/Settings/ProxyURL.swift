// SPDX-License-Identifier: MIT
// fetchpool

/// The address of an HTTP proxy, as the option `--proxy` names it.
package struct ProxyURL: Hashable, Sendable {
    /// The URL as libcurl is given it, its port included.
    package let text: String

    /// Why a text names no HTTP proxy.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// One sentence that says what to change.
        package let description: String
    }

    /// Reads `http://host:port`, or `host:port`; the port is 80 where none is named.
    ///
    /// - Throws: `Refusal`, for everything that would be ignored: another scheme, a user name, a path.
    package init(reading text: String) throws(Refusal) {
        let whole = text.utf8.contains(UInt8(ascii: "/")) ? text : "http://" + text
        let url: TargetURL
        do throws(URLRefusal) {
            url = try TargetURL(reading: Array(whole.utf8).span)
        } catch {
            switch error {
            case .unsupportedScheme, .missingScheme: throw Self.wrongScheme
            case .userInfo:
                throw Refusal(description: "user names and passwords for a proxy are not supported yet")
            default: throw Refusal(description: error.description)
            }
        }
        guard url.scheme == .http else { throw Self.wrongScheme }
        guard url.text.count == Int(url.pathStart) + 1 else {
            throw Refusal(description: "a proxy has no path; write http://\(url.hostKey)")
        }
        // Without a port libcurl would take 1080, which no URL of this scheme means.
        self.text = "http://\(url.hostKey)"
    }

    private static let wrongScheme = Refusal(
        description: "only HTTP proxies are supported; write one such as http://proxy.example:3128"
    )
}
