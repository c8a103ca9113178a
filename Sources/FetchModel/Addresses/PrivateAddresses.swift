// SPDX-License-Identifier: MIT
// fetchpool

/// What a fetch may do with addresses that are not public: the option `--private-addresses`.
package enum PrivateAddresses: String, CaseIterable, Sendable {
    /// Everything.
    case allow
    /// A task may name one, and its redirects may lead from one to another, but not from a public address to one.
    case noRedirect = "no-redirect"
    /// Nothing.
    case deny
}
