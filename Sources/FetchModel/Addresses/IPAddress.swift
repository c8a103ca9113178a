// SPDX-License-Identifier: MIT
// fetchpool

import WebURL

/// An IPv4 or IPv6 address.
package enum IPAddress: Hashable, Sendable {
    /// An IPv4 address, with the first byte in the most significant bits.
    case v4(UInt32)
    /// An IPv6 address, with the first byte in the most significant bits.
    case v6(UInt128)

    /// Parses an address without brackets: four decimal numbers, or any form of RFC 4291 §2.2.
    ///
    /// Returns `nil` for any other text, including an address with a zone.
    package init?(reading text: Span<UInt8>) {
        if let address = IPv4Address(reading: text) {
            self = .v4(address.value)
        } else if let address = IPv6Address(reading: text) {
            self = .v6(address.value)
        } else {
            return nil
        }
    }

    /// The IPv4 address that this IPv6 address embeds; `nil` if there is none.
    ///
    /// Three kinds of addresses are recognized: IPv4-mapped (`::ffff:0:0/96`, RFC 4291 §2.5.5.2), NAT64
    /// (`64:ff9b::/96`, RFC 6052 §2.1) and 6to4 (`2002::/16`, RFC 3056 §2).
    package var embedded: IPAddress? {
        guard case .v6(let value) = self else { return nil }
        switch value >> 32 {
        case 0xFFFF, 0x64_FF9B << 64: return .v4(UInt32(truncatingIfNeeded: value))
        default: return value >> 112 == 0x2002 ? .v4(UInt32(truncatingIfNeeded: value >> 80)) : nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address without brackets: four decimal numbers, or the form of RFC 5952 §4 and §5.
    package var description: String {
        switch self {
        case .v4(let value):
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        case .v6(let value):
            var text: [UInt8] = []
            IPv6Address(value).write(inURL: false, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
    }
}
