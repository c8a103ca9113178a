// SPDX-License-Identifier: MIT
// fetchpool

/// An IPv4 address.
package struct IPv4Address: Sendable {
    /// The address as a number, whose most significant byte is the first byte of the address.
    package let value: UInt32

    init(_ value: UInt32) { self.value = value }

    /// Reads four decimal numbers without leading zeros (`IPv4address` of RFC 3986 §3.2.2); `nil` for any
    /// other notation.
    package init?(reading bytes: Span<UInt8>) {
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

    /// Appends the address as four decimal numbers.
    func write(to text: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] {
            text.append(contentsOf: String(value >> shift & 255).utf8)
            if shift > 0 { text.append(UInt8(ascii: ".")) }
        }
    }
}
