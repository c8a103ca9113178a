// SPDX-License-Identifier: MIT
// fetchpool

/// The conversion of a domain with non-ASCII characters into ASCII (URL Standard §3.3, "domain to ASCII").
///
/// The conversion is ToASCII of UTS 46. Of the flags of ToASCII, only CheckBidi and CheckJoiners are true.
enum InternationalName {
    /// The largest number of characters in a label that is converted to or from Punycode.
    ///
    /// The standard has no limit, but the time grows with the square of this number. A label of DNS has at
    /// most 63 bytes.
    static let maxLabel = 255

    /// The largest number of bytes in a name, as UTF-8.
    ///
    /// The standard has no limit, but the conversion takes up to 40 times the memory of a name. A name of DNS
    /// has at most 253 bytes.
    static let maxBytes = 65_536

    /// Converts a name into ASCII, and appends the result to `text`.
    static func write(_ name: String, to text: inout [UInt8]) throws(WebURLFault) {
        let labels = try labels(of: name)
        try checkDirections(labels)
        for (index, label) in labels.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ".")) }
            if label.allSatisfy({ $0 < 0x80 }) {
                text.append(contentsOf: label.map { UInt8($0) })
            } else {
                text.append(contentsOf: "xn--".utf8)
                Punycode.write(label[...], to: &text)
            }
        }
    }

    /// Returns the labels of a name, mapped, normalized, decoded and checked.
    private static func labels(of name: String) throws(WebURLFault) -> [[UInt32]] {
        let points = Normalization.composed(try mapped(name))
        var labels: [[UInt32]] = []
        for part in points.split(separator: 0x2E, omittingEmptySubsequences: false) {
            guard part.count <= maxLabel || part.allSatisfy({ $0 < 0x80 }) && !isEncoded(part) else {
                throw .badName(.length)
            }
            let label = isEncoded(part) ? try decoded(part) : Array(part)
            try check(label)
            labels.append(label)
        }
        return labels
    }

    private static func mapped(_ name: String) throws(WebURLFault) -> [UInt32] {
        var points: [UInt32] = []
        for scalar in name.unicodeScalars {
            if let byte = UInt8(exactly: scalar.value), byte < 0x80 {
                points.append(UInt32(URLBytes.lower(byte)))
                continue
            }
            switch NameTables.mapping(of: scalar.value) {
            case .valid: points.append(scalar.value)
            case .disallowed: throw .characterInHost(scalar)
            case .ignored: break
            case .mapped(let point): points.append(point)
            case .pooled(let range):
                for entry in range { points.append(NameTables.pool.number(entry, at: 0, digits: 4)) }
            }
        }
        return points
    }

    private static func isEncoded(_ label: ArraySlice<UInt32>) -> Bool {
        label.prefix(4).elementsEqual([0x78, 0x6E, 0x2D, 0x2D])
    }

    private static func decoded(_ label: ArraySlice<UInt32>) throws(WebURLFault) -> [UInt32] {
        guard label.allSatisfy({ $0 < 0x80 }), let decoded = Punycode.decoded(label.dropFirst(4)),
            decoded.contains(where: { $0 >= 0x80 })
        else { throw .badName(.punycode) }
        for point in decoded where point >= 0x80 {
            guard case .valid = NameTables.mapping(of: point) else { throw .badName(.punycode) }
        }
        guard decoded.allSatisfy({ !(0x41...0x5A ~= $0) && $0 != 0x2E }) else { throw .badName(.punycode) }
        guard Normalization.composed(decoded) == decoded else { throw .badName(.normalization) }
        return decoded
    }

    /// Checks the rules for the beginning and the joiners of a label (UTS 46 §4.1).
    private static func check(_ label: [UInt32]) throws(WebURLFault) {
        guard let first = label.first else { return }
        if isEncoded(label[...]) { throw .badName(.punycode) }
        if first >= 0x80, NameTables.Properties(of: first).isMark { throw .badName(.mark) }
        for (index, point) in label.enumerated() where point == 0x200C || point == 0x200D {
            guard JoinerRule.allows(label, at: index) else { throw .badName(.joiner) }
        }
    }

    /// Checks the directions of all labels, if any label has a right-to-left character.
    private static func checkDirections(_ labels: [[UInt32]]) throws(WebURLFault) {
        let directions = labels.map { $0.map { NameTables.Properties(of: $0).direction } }
        guard directions.contains(where: { $0.contains(where: DirectionRule.isRightToLeft) }) else { return }
        guard directions.allSatisfy(DirectionRule.allows) else { throw .badName(.direction) }
    }
}
