// SPDX-License-Identifier: MIT
// fetchpool

/// An IPv6 address.
package struct IPv6Address: Sendable {
    private var groups = SIMD8<UInt16>(repeating: 0)

    /// The address as a number, whose most significant byte is the first byte of the address.
    package var value: UInt128 {
        var value: UInt128 = 0
        for index in 0..<8 { value = value << 16 | UInt128(groups[index]) }
        return value
    }

    /// Creates the address whose first byte is the most significant byte of `value`.
    package init(_ value: UInt128) {
        for index in 0..<8 { groups[index] = UInt16(truncatingIfNeeded: value >> UInt128(112 - 16 * index)) }
    }

    /// Reads an address in any notation of RFC 4291 §2.2, without brackets and zone; `nil` for other text.
    package init?(reading bytes: Span<UInt8>) {
        let colon = UInt8(ascii: ":")
        var index = 0
        var count = 0
        var gap: Int?
        if bytes.count >= 2, bytes[0] == colon, bytes[1] == colon { (gap, index) = (0, 2) }
        while index < bytes.count {
            guard count < 8 else { return nil }
            let start = index
            let group = Self.readGroup(bytes, at: &index)
            if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
                guard count <= 6, let tail = IPv4Address(reading: bytes.extracting(start..<bytes.count))
                else {
                    return nil
                }
                groups[count] = UInt16(tail.value >> 16)
                groups[count + 1] = UInt16(truncatingIfNeeded: tail.value)
                count += 2
                break
            }
            guard index > start else { return nil }
            groups[count] = group
            count += 1
            if index == bytes.count { break }
            guard bytes[index] == colon, index + 1 < bytes.count else { return nil }
            index += 1
            if bytes[index] == colon {
                guard gap == nil else { return nil }
                (gap, index) = (count, index + 1)
            }
        }
        // `::` stands for at least one group. Without `::` there are eight groups.
        guard (gap == nil) == (count == 8) else { return nil }
        if let gap { openGap(at: gap, filled: count) }
    }

    /// Reads up to four hexadecimal digits, and moves the index past them.
    private static func readGroup(_ bytes: Span<UInt8>, at index: inout Int) -> UInt16 {
        var group: UInt16 = 0
        let end = min(index + 4, bytes.count)
        while index < end, let digit = URLBytes.hexValue(bytes[index]) {
            group = group << 4 | UInt16(digit)
            index += 1
        }
        return group
    }

    /// Moves the groups after `::` to the end, and sets the groups that `::` stands for to zero.
    private mutating func openGap(at gap: Int, filled count: Int) {
        for offset in 0..<(count - gap) {
            groups[7 - offset] = groups[count - 1 - offset]
        }
        for index in gap..<(gap + 8 - count) { groups[index] = 0 }
    }

    /// Appends the address in the form of RFC 5952 §4.
    ///
    /// If `inURL` is false, an IPv4-mapped address (`::ffff:0:0/96`) ends in four decimal numbers (§5).
    package func write(inURL: Bool, to text: inout [UInt8]) {
        let gap = longestRunOfZeros()
        let isMapped = !inURL && gap == 0..<5 && groups[5] == 0xFFFF
        var index = 0
        while index < (isMapped ? 6 : 8) {
            if index == gap.lowerBound, !gap.isEmpty {
                text.append(contentsOf: "::".utf8)
                index = gap.upperBound
                continue
            }
            if index > 0, index != gap.upperBound || gap.isEmpty { text.append(UInt8(ascii: ":")) }
            text.append(contentsOf: String(groups[index], radix: 16).utf8)
            index += 1
        }
        guard isMapped else { return }
        text.append(UInt8(ascii: ":"))
        IPv4Address(UInt32(groups[6]) << 16 | UInt32(groups[7])).write(to: &text)
    }

    /// Returns the longest run of two or more zero groups; an empty range if there is none.
    ///
    /// Of several longest runs, the function returns the first.
    private func longestRunOfZeros() -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > max(best.count, 1) {
                best = start..<(index + 1)
            }
        }
        return best
    }
}
