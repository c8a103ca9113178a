// SPDX-License-Identifier: MIT
// fetchpool

extension FetchSettings {
    /// Sets two options that depend on each other.
    ///
    /// A proxy resolves names and connects, so the client does not see the addresses behind it. If private
    /// addresses are not specified, they are refused to redirects; with a proxy they are allowed.
    /// - Returns: A note for the user; `nil` if there is none.
    /// - Throws: `ProxyURL.Refusal` if a proxy was given together with a rule other than `allow`.
    package mutating func set(
        proxy: String?,
        privateAddresses: PrivateAddresses?
    ) throws(ProxyURL.Refusal) -> String? {
        self.proxy = proxy
        self.privateAddresses = privateAddresses ?? (proxy == nil ? .noRedirect : .allow)
        guard let proxy else { return nil }
        guard self.privateAddresses == .allow else { throw .unseenPeers(self.privateAddresses, proxy) }
        guard privateAddresses == nil else { return nil }
        return "with --proxy the proxy \(ProxyURL.deeds(of: proxy)), so --private-addresses is allow"
    }

    /// Throws if options contradict a proxy, as when a coordinator's setting meets a worker's own proxy.
    ///
    /// - Throws: `ProxyURL.Refusal`. The default policy is not checked, since nobody chose it.
    package func checkProxy() throws(ProxyURL.Refusal) {
        guard let proxy else { return }
        if privateAddresses == .deny { throw .unseenPeers(.deny, proxy) }
        if !givenAddresses.isEmpty, ProxyURL.resolvesNames(proxy) {
            throw ProxyURL.Refusal(
                description:
                    "--resolve has no effect with --proxy \(proxy), which resolves names itself; leave one of the two out"
            )
        }
    }
}

extension ProxyURL {
    /// True if the proxy of a URL resolves host names.
    package static func resolvesNames(_ url: String) -> Bool {
        (try? ProxyURL(reading: url))?.resolvesNames ?? true
    }

    /// The deeds of a proxy that keep addresses from being seen here.
    fileprivate static func deeds(of proxy: String) -> String {
        resolvesNames(proxy) ? "resolves names and connects" : "connects"
    }
}

extension ProxyURL.Refusal {
    fileprivate static func unseenPeers(_ policy: PrivateAddresses, _ proxy: String) -> Self {
        Self(
            description:
                "--private-addresses \(policy.rawValue) cannot be kept with --proxy: the proxy \(ProxyURL.deeds(of: proxy)), "
                + "so the addresses behind it are not seen here; leave one of the two out"
        )
    }
}
