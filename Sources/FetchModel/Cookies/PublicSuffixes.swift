// SPDX-License-Identifier: MIT
// fetchpool

/// The list of domains below which anybody can register a name, such as `com`, `co.uk` and `github.io`
/// (publicsuffix.org).
package struct PublicSuffixes: Sendable {
    private let find: @Sendable (String) -> Bool?

    /// Creates a list from a function that returns true if its argument, a domain, is a public suffix.
    ///
    /// The function gets the domain in lower case, and returns `nil` if the answer is unknown.
    package init(_ find: @escaping @Sendable (String) -> Bool?) { self.find = find }

    /// No list: cookies of responses are stored only for the host that set them, even if the attribute
    /// `Domain` includes other hosts.
    package static let unknown = PublicSuffixes { _ in nil }

    /// Returns true if `domain`, in lower case, is a public suffix; `nil` if this is unknown.
    func contains(_ domain: String) -> Bool? { find(domain) }
}
