// SPDX-License-Identifier: MIT
// fetchpool

/// A block of addresses with a purpose of its own, as a registry lists it.
package struct AddressBlock: Hashable, Sendable {
    /// Its first address.
    package let start: IPAddress
    /// How many leading bits all its addresses share: up to 32, or 128.
    package let length: Int
    /// What the registry calls it.
    package let name: String
    /// The document that sets it aside.
    package let source: String
    /// Whether the registry says of it that it is globally reachable: `True`, and neither `False` nor `N/A`.
    package let isPublic: Bool

    /// Describes a block, given as `192.0.2.0/24`.
    ///
    /// The text is part of the program; one that is no block is a mistake in it.
    package init(_ text: StaticString, _ name: String, _ source: String, isPublic: Bool = false) {
        let parts = text.description.split(separator: "/")
        guard parts.count == 2, let length = Int(parts[1]),
            let start = IPAddress(reading: Array(parts[0].utf8).span)
        else { preconditionFailure("'\(text)' is no block of addresses") }
        self.start = start
        self.length = length
        self.name = name
        self.source = source
        self.isPublic = isPublic
        precondition((0...Self.bits(of: start)).contains(length), "'\(text)' has too long a prefix")
    }

    /// Whether an address lies in the block; one of the other version never does.
    package func contains(_ address: IPAddress) -> Bool {
        switch (start, address) {
        // A shift by the whole width gives 0, so the block of length 0 holds everything.
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
    /// `127.0.0.0/8`.
    package var description: String { "\(start)/\(length)" }
}
