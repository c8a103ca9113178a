// SPDX-License-Identifier: MIT
// fetchpool

/// The list of domains below which anybody may have a name, such as `com`, `co.uk` and `github.io`
/// (publicsuffix.org).
package struct PublicSuffixes: Sendable {
    private let find: @Sendable (String) -> Bool?

    /// A list; `find` returns `nil` where it cannot tell.
    package init(_ find: @escaping @Sendable (String) -> Bool?) { self.find = find }

    /// No list: a cookie is kept for the very host that has set it, whatever its `Domain` says.
    package static let unknown = PublicSuffixes { _ in nil }

    /// True if `domain`, in lower case, is a public suffix; `nil` if that is not known.
    func contains(_ domain: String) -> Bool? { find(domain) }
}
