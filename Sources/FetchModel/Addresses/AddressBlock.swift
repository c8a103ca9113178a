// SPDX-License-Identifier: MIT
// fetchpool

/// A block of addresses with a special purpose, such as an entry of an IANA registry.
package struct AddressBlock: Hashable, Sendable {
    /// The first address.
    package let start: IPAddress
    /// The number of leading bits that all addresses of the block have in common.
    package let length: Int
    /// The name of the block's purpose, such as `Loopback`.
    package let name: String
    /// The document that reserves or deprecates the block.
    package let source: String
    /// True if the IANA registry lists the block with `True` in the column "Globally Reachable".
    package let isPublic: Bool

    /// Creates a block from a text such as `192.0.2.0/24`.
    ///
    /// - Precondition: The text is a valid block.
    package init(_ text: StaticString, _ name: String, _ source: String, isPublic: Bool = false) {
        let parts = text.description.split(separator: "/")
        guard parts.count == 2, let length = Int(parts[1]),
            let start = IPAddress(reading: Array(parts[0].utf8).span)
        else { preconditionFailure("'\(text)' is not a block of addresses") }
        self.start = start
        self.length = length
        self.name = name
        self.source = source
        self.isPublic = isPublic
        precondition(
            (0...Self.bits(of: start)).contains(length),
            "the length of the prefix of '\(text)' is out of range"
        )
    }

    /// Returns true if the block contains an address; false for an address of the other IP version.
    package func contains(_ address: IPAddress) -> Bool {
        switch (start, address) {
        // A shift by the whole width gives 0, so a block with length 0 contains all addresses of its version.
        case (.v4(let start), .v4(let address)): (start ^ address) >> UInt32(32 - length) == 0
        case (.v6(let start), .v6(let address)): (start ^ address) >> UInt128(128 - length) == 0
        default: false
        }
    }

    private static func bits(of address: IPAddress) -> Int {
        switch address {
        case .v4: 32
        case .v6: 128
        }
    }
}

extension AddressBlock: CustomStringConvertible {
    /// The block as text, such as `127.0.0.0/8`.
    package var description: String { "\(start)/\(length)" }
}
