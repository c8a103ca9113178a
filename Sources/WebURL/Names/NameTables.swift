// SPDX-License-Identifier: MIT
// fetchpool

/// The Unicode data for international names.
///
/// `Scripts/name-tables` writes the tables, and defines the kinds and values in them.
enum NameTables {
    /// The status of a character (UTS 46 §5).
    enum Mapping {
        case valid
        case disallowed
        case ignored
        /// A character that is replaced by one other character.
        case mapped(UInt32)
        /// A character that is replaced by a range of the entries in `pool`.
        case pooled(Range<Int>)
    }

    /// Returns the status of a character that is not ASCII.
    static func mapping(of point: UInt32) -> Mapping {
        guard let entry = mapping.entry(notAbove: point, shiftedBy: 3) else { return .disallowed }
        let key = mapping.number(entry, at: 0, digits: 4)
        let value = mapping.number(entry, at: 4, digits: 4)
        let offset = point - key >> 3
        switch key & 7 {
        case 0: return .valid
        case 1: return .disallowed
        case 2: return .ignored
        case 3: return offset & 1 == 0 ? .mapped(point + 1) : .valid
        case 4: return .mapped((point &+ value) & 0xFF_FFFF)
        default:
            let count = Int(value & 31)
            let start = Int(value >> 5) + Int(offset) * count
            return .pooled(start..<start + count)
        }
    }

    /// The properties of a valid character.
    struct Properties {
        private let value: UInt32

        init(of point: UInt32) {
            guard let entry = properties.entry(notAbove: point, shiftedBy: 0) else {
                value = 0
                return
            }
            value = properties.number(entry, at: 4, digits: 3)
        }

        /// The canonical combining class, such as 9 for a virama.
        var combiningClass: UInt8 { UInt8(truncatingIfNeeded: value >> 8) }
        var direction: Direction { Direction(rawValue: UInt8(value >> 4 & 15)) ?? .other }
        var joining: Joining { Joining(rawValue: UInt8(value >> 1 & 7)) ?? .none }
        /// True for combining marks.
        var isMark: Bool { value & 1 == 1 }
    }

    /// The bidirectional classes that RFC 5893 allows in a label; `other` stands for all other classes.
    enum Direction: UInt8 {
        case leftToRight, rightToLeft, arabicLetter, arabicNumber, europeanNumber, europeanSeparator
        case commonSeparator, europeanTerminator, neutral, boundaryNeutral, nonspacingMark, other
    }

    /// The values of the Unicode property Joining_Type (RFC 5892, appendix A.1).
    enum Joining: UInt8 {
        case none, left, right, dual, transparent, causing
    }

    /// Returns the decomposition of a valid character into two characters; `nil` if there is none.
    ///
    /// The table `compositions` has no Hangul syllables.
    static func parts(of point: UInt32) -> (first: UInt32, second: UInt32)? {
        guard let entry = compositions.entry(notAbove: point, shiftedBy: 0),
            compositions.number(entry, at: 0, digits: 4) == point
        else { return nil }
        return (compositions.number(entry, at: 4, digits: 4), compositions.number(entry, at: 8, digits: 4))
    }

    /// Returns the composition of two characters; `nil` if there is none.
    ///
    /// The table `compositions` has no Hangul syllables.
    static func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
        let wanted = (first, second)
        var (low, high) = (0, compositionOrder.count)
        while low < high {
            let middle = (low + high) / 2
            let entry = Int(compositionOrder.number(middle, at: 0, digits: 2))
            let found = (
                compositions.number(entry, at: 4, digits: 4), compositions.number(entry, at: 8, digits: 4)
            )
            if found == wanted { return compositions.number(entry, at: 0, digits: 4) }
            if found < wanted { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}
