// SPDX-License-Identifier: MIT
// fetchpool

extension Unicode.Scalar {
    /// The number of columns that this character takes on a terminal: 0, 1 or 2.
    ///
    /// East Asian wide characters (UAX #11) and characters that are emoji by default take two columns.
    var cells: Int {
        if value < 0x300 { return value == 0xAD ? 0 : 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Vowels and final consonants of Hangul join the syllable before them.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        return properties.isEmojiPresentation || Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// The ranges that contain most of the wide and full-width characters (EastAsianWidth.txt of Unicode 16).
    ///
    /// The ranges include some narrow and some unassigned characters. The property `isEmojiPresentation`
    /// finds the wide emoji that are in none of the ranges.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D376, 0x1F200...0x1F265,
        0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

extension Character {
    /// The largest number of columns that this character takes on a terminal.
    ///
    /// Terminals differ in emoji that consist of several scalars: some terminals show one picture, and other
    /// terminals show each scalar. The sum over all scalars is large enough for both kinds of terminals.
    var cells: Int {
        var cells = 0
        for scalar in unicodeScalars {
            // The emoji variation selector makes many terminals show a narrow character as a wide one.
            cells = scalar.value == 0xFE0F ? max(cells, 2) : cells + scalar.cells
        }
        return cells
    }
}

extension StringProtocol {
    /// The largest number of columns that this text takes on a terminal.
    var cells: Int {
        // Most texts are ASCII.
        utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.cells }
    }

    /// Returns the longest beginning of the text that takes at most `columns` columns.
    func prefix(columns: Int) -> SubSequence {
        var (end, left) = (startIndex, columns)
        while end < endIndex {
            left -= self[end].cells
            guard left >= 0 else { break }
            end = index(after: end)
        }
        return self[..<end]
    }
}
