// SPDX-License-Identifier: MIT
// fetchpool

/// The key by which the rules for hosts, such as limits and rates, identify a host: its name and port.
package struct HostKey: Sendable, Hashable {
    /// The host in lower case, without a trailing dot and without the brackets of an IPv6 address; empty for
    /// `data:` URLs.
    package let name: String
    /// The port; 0 for `data:` URLs.
    package let port: UInt16

    /// Creates a key; `name` is in lower case, without a trailing dot and without brackets.
    package init(name: String, port: UInt16) {
        self.name = name
        self.port = port
    }
}

extension HostKey: CustomStringConvertible {
    /// The key as text, such as `example.com:443` or `[::1]:443`.
    package var description: String {
        name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]:\(port)" : "\(name):\(port)"
    }
}
