// SPDX-License-Identifier: MIT
// fetchpool

/// The Bidi Rule for the labels of a name (RFC 5893 §2).
enum DirectionRule {
    /// Returns true for the directions that make the rule apply to a name.
    static func isRightToLeft(_ direction: NameTables.Direction) -> Bool {
        direction == .rightToLeft || direction == .arabicLetter || direction == .arabicNumber
    }

    /// Returns true if a label follows the rule, or is empty; `label` has the direction of each character.
    static func allows(_ label: [NameTables.Direction]) -> Bool {
        guard let first = label.first, let last = label.last(where: { $0 != .nonspacingMark }) else {
            return label.isEmpty
        }
        switch first {
        case .leftToRight:
            return label.allSatisfy { !isRightToLeft($0) && $0 != .other }
                && (last == .leftToRight || last == .europeanNumber)
        case .rightToLeft, .arabicLetter:
            return label.allSatisfy { $0 != .leftToRight && $0 != .other }
                && (isRightToLeft(last) || last == .europeanNumber)
                && !(label.contains(.arabicNumber) && label.contains(.europeanNumber))
        default: return false
        }
    }
}
