// SPDX-License-Identifier: MIT
// fetchpool

/// Tells public addresses from all others.
///
/// A value: rules about peers are given the table they go by.
package struct AddressTable: Sendable {
    /// The blocks, the most specific first.
    package let blocks: [AddressBlock]

    /// A table of these blocks; every address outside of them is public.
    package init(_ blocks: [AddressBlock]) {
        self.blocks = blocks.sorted { $0.length > $1.length }
    }

    /// The block by which an address is not public; nil if it is.
    ///
    /// The most specific block decides, as the registries want it. An IPv6 address that stands for an IPv4 address is what that one
    /// is.
    package func blockOfPrivate(_ address: IPAddress) -> AddressBlock? {
        if let embedded = address.embedded { return blockOfPrivate(embedded) }
        guard let block = blocks.first(where: { $0.contains(address) }) else { return nil }
        return block.isPublic ? nil : block
    }
}
