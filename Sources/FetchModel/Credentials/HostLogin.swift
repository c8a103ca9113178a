// SPDX-License-Identifier: MIT
// fetchpool

/// A user name and a password for a host: an entry of a netrc(5) file.
package struct HostLogin: Hashable, Sendable {
    /// The host in lower case; `nil` for all hosts that no earlier entry of the file names.
    package let host: String?
    /// The user name; if it contains a colon, the entry stands for no login.
    package let user: String
    /// The password; empty if the entry has none.
    package let password: String

    /// Creates a login; `host` is changed to lower case.
    package init(host: String?, user: String, password: String) {
        (self.host, self.user, self.password) = (host?.lowercased(), user, password)
    }

    /// Returns an entry that leaves a host without a login, even if a later entry has a login for the host.
    static func noLogin(for host: String?) -> HostLogin { HostLogin(host: host, user: ":", password: "") }

    /// The header field that sends the user name and password (RFC 7617 §2); `nil` if the user name holds a
    /// colon.
    package var field: HeaderField? {
        guard !user.utf8.contains(UInt8(ascii: ":")) else { return nil }
        let pair = Array("\(user):\(password)".utf8)
        return HeaderField(name: "Authorization", value: "Basic " + Base64.encode(pair))
    }

    /// Returns the first entry for a host; `nil` if there is no entry.
    ///
    /// The entry may stand for no login. `host` is in lower case. If `isNamed` is true, an entry without a
    /// host does not count.
    package static func find(_ host: String, in logins: [HostLogin], isNamed: Bool = false) -> HostLogin? {
        logins.first { $0.host == host || !isNamed && $0.host == nil }
    }
}
