// SPDX-License-Identifier: MIT
// fetchpool

/// The rules that decide which peers a fetch and its redirects may contact.
///
/// Call `refusal(of:)` before a socket is opened, and `meet` before each request is sent. The host in the URL
/// is not checked, because a name can resolve to any address.
package struct PeerRules: Sendable {
    private let policy: PrivateAddresses
    private let table: AddressTable
    private var hasMetPublic = false
    /// The last result of `isPublic`, kept because the next request often goes to the same peer.
    private var last: (address: IPAddress, isPublic: Bool)?

    /// Creates the rules for a fetch.
    package init(_ policy: PrivateAddresses, by table: AddressTable) {
        self.policy = policy
        self.table = table
    }

    /// Begins another fetch, which has sent no request to a public address yet.
    package mutating func begin() { hasMetPublic = false }

    /// Returns the reason why a connection to an address is refused; `nil` if the connection is allowed.
    ///
    /// With `noRedirect`, an address is refused only after a request to a public address. An unknown address
    /// (`nil`) counts as not public.
    package func refusal(of address: IPAddress?) -> TaskError? {
        if policy == .allow || policy == .noRedirect && !hasMetPublic { return nil }
        guard let address else { return TaskError(.privateAddress, "the address of the peer is unknown") }
        guard let block = table.blockOfPrivate(address) else { return nil }
        let kind = "\(address) is not a public address (\(block.name), \(block.source))"
        let message =
            policy == .deny
            ? "\(kind), and --private-addresses deny refuses such addresses"
            : "a redirect leads from a public address to another kind of address: \(kind); "
                + "with --private-addresses allow, the redirect would be followed"
        return TaskError(.privateAddress, message)
    }

    /// Notes that a request is about to be sent to a peer.
    ///
    /// Returns the reason if the peer is refused, and `nil` if the request may be sent.
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
