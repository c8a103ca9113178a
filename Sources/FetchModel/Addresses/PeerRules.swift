// SPDX-License-Identifier: MIT
// fetchpool

/// Decides which peers one fetch may speak to, hop by hop.
///
/// Pure: it is told the address of each socket before it is opened, and of each peer before a request goes to it. The
/// text of a URL never counts, since names resolve to what they like.
package struct PeerRules: Sendable {
    private let policy: PrivateAddresses
    private let table: AddressTable
    private var hasMetPublic = false
    /// The address that was last looked up, and what was found: most fetches go where the one before went.
    private var last: (address: IPAddress, isPublic: Bool)?

    /// Rules for one fetch.
    package init(_ policy: PrivateAddresses, by table: AddressTable) {
        self.policy = policy
        self.table = table
    }

    /// Forgets the peers of an earlier fetch.
    package mutating func begin() { hasMetPublic = false }

    /// Why no connection may be made to an address; nil if one may.
    ///
    /// An address that cannot be told, nil, is refused unless all are allowed.
    package func refusal(of address: IPAddress?) -> TaskError? {
        if policy == .allow || policy == .noRedirect && !hasMetPublic { return nil }
        guard let address else { return TaskError(.privateAddress, "the address of the peer is unknown") }
        guard let block = table.blockOfPrivate(address) else { return nil }
        let kind = "\(address) is no public address (\(block.name), \(block.source))"
        let message =
            policy == .deny
            ? "\(kind), and --private-addresses deny excludes those"
            : "a redirect leads from a public address to one that is not: \(kind); "
                + "--private-addresses allow would follow it"
        return TaskError(.privateAddress, message)
    }

    /// Notes that a request is about to go to a peer; returns as `refusal` does.
    package mutating func meet(_ address: IPAddress?) -> TaskError? {
        if let refusal = refusal(of: address) { return refusal }
        if policy == .noRedirect, !hasMetPublic, let address {
            hasMetPublic = isPublic(address)
        }
        return nil
    }

    private mutating func isPublic(_ address: IPAddress) -> Bool {
        if let last, last.address == address { return last.isPublic }
        let isPublic = table.blockOfPrivate(address) == nil
        last = (address, isPublic)
        return isPublic
    }
}
