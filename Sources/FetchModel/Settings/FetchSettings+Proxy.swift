// SPDX-License-Identifier: MIT
// fetchpool

extension FetchSettings {
    /// Takes two options that depend on each other: a proxy resolves names and connects, so behind one nobody here sees
    /// the addresses of peers.
    ///
    /// Without a word about private addresses they are kept from redirects, and with a proxy they are allowed.
    /// - Returns: What to tell the user once; `nil` if nothing.
    /// - Throws: `ProxyURL.Refusal` if both were given and the second cannot be kept.
    package mutating func set(
        proxy: String?,
        privateAddresses: PrivateAddresses?
    ) throws(ProxyURL.Refusal) -> String? {
        self.proxy = proxy
        self.privateAddresses = privateAddresses ?? (proxy == nil ? .noRedirect : .allow)
        guard proxy != nil else { return nil }
        guard self.privateAddresses == .allow else { throw .unseenPeers(self.privateAddresses) }
        guard privateAddresses == nil else { return nil }
        return "with --proxy the proxy resolves names and connects, so --private-addresses is allow"
    }

    /// Throws if the two do not go together, as where a coordinator's word meets a worker's own proxy.
    ///
    /// - Throws: `ProxyURL.Refusal`. The default is not checked, since nobody chose it.
    package func checkProxy() throws(ProxyURL.Refusal) {
        if proxy != nil, privateAddresses == .deny { throw .unseenPeers(.deny) }
    }
}

extension ProxyURL.Refusal {
    fileprivate static func unseenPeers(_ policy: PrivateAddresses) -> Self {
        Self(
            description:
                "--private-addresses \(policy.rawValue) cannot be kept with --proxy: the proxy resolves names "
                + "and connects, so the addresses behind it are not seen here; leave one of the two out"
        )
    }
}
