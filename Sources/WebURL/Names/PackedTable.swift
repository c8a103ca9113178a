// SPDX-License-Identifier: MIT
// fetchpool

/// A table of numbers that is a part of the program's text, so that it costs nothing before the first
/// look-up.
///
/// Its entries have the same width and are sorted by their first four digits; the digits, in base 64, are the
/// characters from `0` to `o`.
///
/// Bounds of the unsafe code here: an index is checked against the length of the text.
struct PackedTable: Sendable {
    private let text: StaticString
    private let width: Int

    /// The number of entries.
    var count: Int { text.utf8CodeUnitCount / width }

    init(width: Int, _ text: StaticString) {
        self.text = text
        self.width = width
    }

    /// The number of so many digits that begins at a place of an entry.
    func number(_ entry: Int, at place: Int, digits: Int) -> UInt32 {
        let start = entry * width + place
        precondition(start >= 0 && start + digits <= text.utf8CodeUnitCount, "no such entry")
        var number: UInt32 = 0
        for index in start..<start + digits {
            number = number << 6 | UInt32(unsafe text.utf8Start[index] &- 0x30)
        }
        return number
    }

    /// The last entry whose first number, shifted to the right, is not above a code point.
    func entry(notAbove point: UInt32, shiftedBy shift: UInt32) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if number(middle, at: 0, digits: 4) >> shift <= point { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}
