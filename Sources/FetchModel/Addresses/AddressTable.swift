// SPDX-License-Identifier: MIT
// fetchpool

/// A table that distinguishes public addresses from all others.
///
/// `PeerRules` gets its table from the caller, so that another table can be used, for example in a test.
package struct AddressTable: Sendable {
    /// The blocks, the most specific ones first.
    package let blocks: [AddressBlock]

    /// Makes a table of blocks; every address outside them is public.
    package init(_ blocks: [AddressBlock]) {
        self.blocks = blocks.sorted { $0.length > $1.length }
    }

    /// Returns the block because of which an address is not public; nil if the address is public.
    ///
    /// The most specific block decides, as the registries require. For an IPv6 address that embeds an IPv4
    /// address, the IPv4 address decides.
    package func blockOfPrivate(_ address: IPAddress) -> AddressBlock? {
        if let embedded = address.embedded { return blockOfPrivate(embedded) }
        guard let block = blocks.first(where: { $0.contains(address) }) else { return nil }
        return block.isPublic ? nil : block
    }
}
