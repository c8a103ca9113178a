// SPDX-License-Identifier: MIT
// fetchpool

/// A table that distinguishes public addresses from all others.
///
/// A value, so that the rules for peers can be given another table.
package struct AddressTable: Sendable {
    /// The blocks, the most specific ones first.
    package let blocks: [AddressBlock]

    /// Makes a table of blocks; every address outside them is public.
    package init(_ blocks: [AddressBlock]) {
        self.blocks = blocks.sorted { $0.length > $1.length }
    }

    /// Returns the block that makes an address not public; nil if the address is public.
    ///
    /// The most specific block decides, as the registries require. An IPv6 address that embeds an IPv4
    /// address is treated as that IPv4 address.
    package func blockOfPrivate(_ address: IPAddress) -> AddressBlock? {
        if let embedded = address.embedded { return blockOfPrivate(embedded) }
        guard let block = blocks.first(where: { $0.contains(address) }) else { return nil }
        return block.isPublic ? nil : block
    }
}
