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
        guard proxy != nil else { return nil }
        guard self.privateAddresses == .allow else { throw .unseenPeers(self.privateAddresses) }
        guard privateAddresses == nil else { return nil }
        return "with --proxy the proxy resolves names and connects, so --private-addresses is allow"
    }

    /// Throws if the two options contradict each other, as when a coordinator's setting meets a worker's own
    /// proxy.
    ///
    /// - Throws: `ProxyURL.Refusal`. The default policy is not checked, since nobody chose it.
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
