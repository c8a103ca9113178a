// SPDX-License-Identifier: MIT
// fetchpool

/// Where the columns of help are.
struct HelpLayout {
    /// A terminal's customary width.
    static let width = 80
    /// Spellings up to here share a line with their help; longer ones stand alone, so that the texts keep room.
    private static let widestSpelling = 28

    /// Columns before the texts.
    private let column: Int

    init(for rows: [HelpRow]) {
        column =
            rows.map { Self.indented($0).count }.filter { $0 <= Self.widestSpelling }.max().map { $0 + 2 }
            ?? 8
    }

    func lines(for row: HelpRow) -> [String] {
        let text = row.shownDefault.map { "\(row.help) (default: \($0))" } ?? row.help
        let spelling = Self.indented(row)
        var lines = Self.wrap(text, indent: column)
        guard spelling.count + 2 <= column, let first = lines.first else { return [spelling] + lines }
        lines[0] = spelling + first.dropFirst(spelling.count)
        return lines
    }

    /// Long names stand below long names, whether a short one precedes or not.
    private static func indented(_ row: HelpRow) -> String {
        (row.spelling.hasPrefix("--") ? "      " : "  ") + row.spelling
    }

    /// Breaks a text between words; a word that is wider than a line stays whole.
    static func wrap(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(margin + word)
            }
        }
        return lines
    }
}
