// SPDX-License-Identifier: MIT
// fetchpool

/// The rule for addresses that are not public: the option `--private-addresses`.
package enum PrivateAddresses: String, CaseIterable, Sendable {
    /// All addresses are allowed.
    case allow
    /// All addresses are allowed, but a redirect from a public address may lead only to public addresses.
    case noRedirect = "no-redirect"
    /// Only public addresses are allowed.
    case deny
}
