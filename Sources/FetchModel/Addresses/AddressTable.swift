// SPDX-License-Identifier: MIT
// fetchpool

/// A table that distinguishes public addresses from all other addresses.
package struct AddressTable: Sendable {
    /// The blocks, the most specific blocks first.
    package let blocks: [AddressBlock]

    /// Creates a table of blocks; an address outside the blocks is public, unless it embeds an IPv4 address
    /// that is not public.
    package init(_ blocks: [AddressBlock]) {
        self.blocks = blocks.sorted { $0.length > $1.length }
    }

    /// Returns the block that makes an address not public; `nil` if the address is public.
    ///
    /// The most specific block that contains the address decides, as the IANA registries require. If an IPv6
    /// address embeds an IPv4 address, the IPv4 address decides.
    package func blockOfPrivate(_ address: IPAddress) -> AddressBlock? {
        if let embedded = address.embedded { return blockOfPrivate(embedded) }
        guard let block = blocks.first(where: { $0.contains(address) }) else { return nil }
        return block.isPublic ? nil : block
    }
}
