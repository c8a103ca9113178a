// SPDX-License-Identifier: MIT
// fetchpool

extension FetchSettings {
    /// Sets the proxy and the rule for private addresses, which depend on each other.
    ///
    /// With a proxy, the client cannot check the addresses of hosts. If `privateAddresses` is `nil`, the rule
    /// is `noRedirect` without a proxy, and `allow` with a proxy.
    ///
    /// - Returns: A note for the user if the proxy determines the rule; otherwise `nil`.
    /// - Throws: `ProxyURL.Refusal` if there is a proxy, and the rule is not `allow`.
    package mutating func set(
        proxy: ProxyURL?,
        privateAddresses: PrivateAddresses?
    ) throws(ProxyURL.Refusal) -> String? {
        self.proxy = proxy
        self.privateAddresses = privateAddresses ?? (proxy == nil ? .noRedirect : .allow)
        guard let proxy else { return nil }
        guard self.privateAddresses == .allow else { throw .unseenPeers(self.privateAddresses, proxy) }
        guard privateAddresses == nil else { return nil }
        return "with --proxy, the proxy \(proxy.deeds), so --private-addresses is allow"
    }

    /// Checks that no setting contradicts the proxy.
    ///
    /// A worker may have the proxy from its own command line, and the other settings from its coordinator.
    ///
    /// - Throws: `ProxyURL.Refusal` if there is a proxy and the rule is `deny`, or if the proxy resolves
    ///   names and `givenAddresses` is not empty. The rule `noRedirect` is accepted, because it may be the
    ///   default.
    package func checkProxy() throws(ProxyURL.Refusal) {
        guard let proxy else { return }
        if privateAddresses == .deny { throw .unseenPeers(.deny, proxy) }
        if !givenAddresses.isEmpty, proxy.resolvesNames {
            throw ProxyURL.Refusal(
                description:
                    "--resolve has no effect with --proxy \(proxy), which resolves names itself; leave out one of the two options"
            )
        }
    }
}

extension ProxyURL {
    /// The work that the proxy does in place of this program, as verbs for a message.
    fileprivate var deeds: String { resolvesNames ? "resolves names and connects" : "connects" }
}

extension ProxyURL.Refusal {
    fileprivate static func unseenPeers(_ policy: PrivateAddresses, _ proxy: ProxyURL) -> Self {
        Self(
            description:
                "--private-addresses \(policy.rawValue) cannot be applied with --proxy: the proxy \(proxy.deeds), "
                + "so fetchpool does not see the addresses of the hosts; leave out one of the two options"
        )
    }
}
