// SPDX-License-Identifier: MIT
// fetchpool

/// The rule for addresses that are not public: the option `--private-addresses`.
package enum PrivateAddresses: String, CaseIterable, Sendable {
    /// All addresses are allowed.
    case allow
    /// A task may use such addresses, but no redirect may lead from a public address to such an address.
    case noRedirect = "no-redirect"
    /// No such address is allowed.
    case deny
}
