// SPDX-License-Identifier: MIT
// fetchpool

/// An address of the Internet Protocol: of a peer, or the start of a block of addresses.
package enum IPAddress: Hashable, Sendable {
    /// Version 4, its first byte on top.
    case v4(UInt32)
    /// Version 6, its first byte on top.
    case v6(UInt128)

    /// Reads an address without brackets: four decimal numbers, or any notation of RFC 4291 §2.2.
    ///
    /// Nil for anything else, and for an address with a zone.
    package init?(reading text: Span<UInt8>) {
        if let address = IPv4Address(reading: text) {
            self = .v4(address.value)
        } else if let address = IPv6Address(reading: text) {
            self = .v6(address.value)
        } else {
            return nil
        }
    }

    /// The IPv4 address that packets to this IPv6 address go to in the end, if it stands for one.
    ///
    /// That is so for IPv4-mapped addresses (`::ffff:0:0/96`, RFC 4291 §2.5.5.2), those of NAT64 (`64:ff9b::/96`, RFC 6052 §2.1) and
    /// those of 6to4 (`2002::/16`, RFC 3056 §2).
    package var embedded: IPAddress? {
        guard case .v6(let value) = self else { return nil }
        switch value >> 32 {
        case 0xFFFF, 0x64_FF9B << 64: return .v4(UInt32(truncatingIfNeeded: value))
        default: return value >> 112 == 0x2002 ? .v4(UInt32(truncatingIfNeeded: value >> 80)) : nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address as RFC 5952 §4 wants it, without brackets.
    package var description: String {
        switch self {
        case .v4(let value):
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        case .v6(let value):
            var text: [UInt8] = []
            IPv6Address(value).write(to: &text)
            return String(decoding: text, as: UTF8.self)
        }
    }
}
