// SPDX-License-Identifier: MIT
// fetchpool

/// An IPv4 address in the one notation that all readers of URLs understand alike: four decimal numbers.
struct IPv4Address {
    /// The address with its first byte on top.
    let value: UInt32

    /// Reads `dec-octet "." …` of RFC 3986 §3.2.2: no leading zeros, no other base, no fewer parts; nil for anything else.
    init?(reading bytes: Span<UInt8>) {
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
                value = value << 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
            } else if URLBytes.isDigit(byte), digits == 0 || part > 0 {
                part = part * 10 + UInt32(byte &- 0x30)
                digits += 1
                guard part < 256 else { return nil }
            } else {
                return nil
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        self.value = value << 8 | part
    }
}
