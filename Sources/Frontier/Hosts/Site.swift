// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// Groups of hosts that probably share cookies.
///
/// A group, called a site, is a registered domain with all hosts below this domain, or a single IP address.
///
/// In a run that keeps cookies, the tasks of a site go to the same worker if possible. The groups are a
/// guess, because `Site` uses no list of public suffixes.
enum Site {
    /// Names below which domains are registered, such as `co` in `co.uk`; they count only before a two-letter
    /// top-level domain.
    private static let registries: Set<Substring> = [
        "ac", "co", "com", "edu", "gob", "gov", "go", "mil", "ne", "net", "nom", "or", "org",
    ]

    /// Returns a number that is the same for all hosts of a site; `host` is in lower case.
    static func key(of host: String) -> Int {
        let labels = host.split(separator: ".")
        // The last label of an IPv4 address begins with a digit, and an IPv6 address contains colons.
        let isAddress = host.contains(":") || labels.last?.first?.isNumber == true
        var count = isAddress ? labels.count : 2
        if !isAddress, labels.count > 2, labels[labels.count - 1].utf8.count == 2,
            registries.contains(labels[labels.count - 2])
        {
            count = 3
        }
        var hasher = Hasher()
        hasher.combine(labels.suffix(count))
        return hasher.finalize()
    }
}

extension Frontier {
    /// Returns a number that is the same for all hosts of a site; `host` is the number of a host in the
    /// frontier.
    package func site(of host: Int) -> Int { Site.key(of: hosts[host].key.name) }
}

extension HostKey {
    /// Returns true if two hosts probably belong to one site, such as `a.example` and `www.a.example`.
    package func isOfSite(of other: HostKey) -> Bool {
        name == other.name || Site.key(of: name) == Site.key(of: other.name)
    }
}
