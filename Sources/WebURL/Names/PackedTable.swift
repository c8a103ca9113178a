// SPDX-License-Identifier: MIT
// fetchpool

/// A table of numbers in a static string; each access decodes only the digits that it reads.
///
/// All entries have the same number of digits. The digits, in base 64, are the characters from `0` to `o`.
///
/// Bounds of the unsafe code here: each index is checked against the length of the text.
struct PackedTable: Sendable {
    private let text: StaticString
    private let width: Int

    /// The number of entries.
    var count: Int { text.utf8CodeUnitCount / width }

    init(width: Int, _ text: StaticString) {
        self.text = text
        self.width = width
    }

    /// Returns the value of `digits` digits of an entry, the first of which is the digit `place`.
    ///
    /// `entry` and `place` count from 0.
    func number(_ entry: Int, at place: Int, digits: Int) -> UInt32 {
        let start = entry * width + place
        precondition(start >= 0 && start + digits <= text.utf8CodeUnitCount, "no such entry")
        var number: UInt32 = 0
        for index in start..<start + digits {
            number = number << 6 | UInt32(unsafe text.utf8Start[index] &- 0x30)
        }
        return number
    }

    /// Returns the index of the last entry whose first number is not above a code point; `nil` if there is
    /// none.
    ///
    /// The first number has four digits, and is shifted to the right by `shift` bits before the comparison.
    /// The entries must be sorted by this number.
    func entry(notAbove point: UInt32, shiftedBy shift: UInt32) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if number(middle, at: 0, digits: 4) >> shift <= point { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}
