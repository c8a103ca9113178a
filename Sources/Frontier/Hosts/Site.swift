// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The hosts that are likely to share cookies: those below the same registered domain.
///
/// A guess without a list: where it cuts a site in two, its cookies reach the other worker a moment later.
enum Site {
    /// Names below which names are registered, where they stand in front of a country's.
    private static let registries: Set<Substring> = [
        "ac", "co", "com", "edu", "gob", "gov", "go", "mil", "ne", "net", "nom", "or", "org",
    ]

    /// A number that all hosts of a site have in common; `host` is in lower case.
    static func key(of host: String) -> Int {
        let labels = host.split(separator: ".")
        // The last label of an address of IPv4 is a number, and one of IPv6 has colons.
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
    /// A number that the hosts of a site have in common, for the host that `ticket` gave a number.
    package func site(of host: Int) -> Int { Site.key(of: hosts[host].key.name) }
}
