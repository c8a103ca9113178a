// SPDX-License-Identifier: MIT
// fetchpool

/// The addresses that the option `--resolve` gives to a host and port.
package struct GivenAddresses: Hashable, Sendable {
    /// The host in lower case; `*` stands for all hosts.
    package let host: String
    /// The port, which is not 0.
    package let port: UInt16
    /// The addresses in the given order, at least one.
    package let addresses: [IPAddress]

    /// The reason why a text is refused.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The message for the user: what is wrong with the text, or which form is expected.
        package let description: String
    }

    private static let form =
        "expected HOST:PORT:ADDRESS, such as example.com:443:127.0.0.1 or example.com:443:[::1]"

    /// Parses `host:port:address`; several addresses have commas between them, and an IPv6 address may have
    /// brackets.
    ///
    /// - Throws: `Refusal` if the text does not have this form, if a part is not valid, or if the host is
    ///   itself an address.
    package init(reading text: String) throws(Refusal) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[2].isEmpty else {
            throw Refusal(description: Self.form)
        }
        guard let port = UInt16(parts[1]), port > 0, parts[1].utf8.allSatisfy(ASCIIByte.isDigit) else {
            throw Refusal(description: "the port must be a number from 1 to 65535; " + Self.form)
        }
        (host, self.port) = (try Self.host(String(parts[0])), port)
        var addresses: [IPAddress] = []
        for word in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
            var bytes = Array(word.utf8)[...]
            if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
                bytes = bytes.dropFirst().dropLast()
            }
            guard let address = IPAddress(reading: Array(bytes).span) else {
                throw Refusal(description: "'\(word)' is neither an IPv4 nor an IPv6 address; " + Self.form)
            }
            addresses.append(address)
        }
        self.addresses = addresses
    }

    private static func host(_ name: String) throws(Refusal) -> String {
        if name == "*" { return name }
        let url: TargetURL
        do throws(URLRefusal) {
            url = try TargetURL(reading: Array("http://\(name)/".utf8).span)
        } catch {
            throw Refusal(description: error.description)
        }
        guard url.text.count == Int(url.pathStart) + 1, url.port == 80, url.user == nil else {
            throw Refusal(description: form)
        }
        guard IPAddress(reading: Array(url.host.utf8).span) == nil else {
            throw Refusal(description: "'\(name)' is an address already; name a host")
        }
        return url.host
    }

    /// The text in the form that `init(reading:)` and libcurl (CURLOPT_RESOLVE) accept.
    package var text: String {
        let texts = addresses.map { if case .v6 = $0 { "[\($0)]" } else { $0.description } }
        return "\(host):\(port):\(texts.joined(separator: ","))"
    }

    /// Returns true if these addresses are for the host and port.
    package func isFor(_ host: String, _ port: UInt16) -> Bool {
        self.port == port && (self.host == "*" || self.host == host)
    }
}
