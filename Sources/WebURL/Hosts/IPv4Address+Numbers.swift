// SPDX-License-Identifier: MIT
// fetchpool

extension IPv4Address {
    /// Returns true if the last label of a domain is a number (URL Standard §3.5, the ends-in-a-number
    /// checker).
    ///
    /// A dot at the end of the domain is ignored.
    static func isNumber(endOf domain: Span<UInt8>) -> Bool {
        let end = withoutLastDot(domain)
        var start = end
        while start > 0, domain[start - 1] != UInt8(ascii: ".") { start -= 1 }
        let last = domain.extracting(start..<end)
        guard !last.isEmpty else { return false }
        return isDecimal(last) || number(last) != nil
    }

    /// Reads an address of one to four numbers, each decimal, octal or hexadecimal (URL Standard §3.5, the
    /// IPv4 parser).
    ///
    /// A dot at the end of the domain is ignored. The result is `nil` for any other text, and for a number
    /// that is too large for its position.
    init?(numbersOf domain: Span<UInt8>) {
        let end = Self.withoutLastDot(domain)
        var value: UInt64 = 0
        var count = 0
        var start = 0
        while true {
            var stop = start
            while stop < end, domain[stop] != UInt8(ascii: ".") { stop += 1 }
            guard count < 4, let number = Self.number(domain.extracting(start..<stop)) else { return nil }
            count += 1
            if stop == end {
                // The last number fills the remaining bytes.
                let bits = UInt64(8 * (5 - count))
                guard number < 1 << bits else { return nil }
                self.init(UInt32(value << bits | number))
                return
            }
            guard number < 256 else { return nil }
            value = value << 8 | number
            start = stop + 1
        }
    }

    private static func withoutLastDot(_ domain: Span<UInt8>) -> Int {
        let count = domain.count
        return count > 1 && domain[count - 1] == UInt8(ascii: ".") ? count - 1 : count
    }

    private static func isDecimal(_ label: Span<UInt8>) -> Bool {
        for index in label.indices where !URLBytes.isDigit(label[index]) { return false }
        return true
    }

    /// Returns the number in a label, but at most 2³²; `nil` if the label is not a number.
    private static func number(_ label: Span<UInt8>) -> UInt64? {
        guard !label.isEmpty else { return nil }
        var (start, base): (Int, UInt64) = (0, 10)
        if label[0] == UInt8(ascii: "0"), label.count > 1 {
            (start, base) = label[1] | 0x20 == UInt8(ascii: "x") ? (2, 16) : (1, 8)
        }
        var value: UInt64 = 0
        for index in start..<label.count {
            guard let digit = URLBytes.hexValue(label[index]), digit < base else { return nil }
            value = min(value * base + UInt64(digit), 1 << 32)
        }
        return value
    }
}
