// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the lines of the help text in two columns: the spelling of an option, and its help.
struct HelpLayout {
    /// The width at which lines are broken, in columns: the usual width of a terminal.
    static let width = 80
    /// The largest width of an indented spelling that shares a line with its help, in columns.
    private static let widestSpelling = 28

    /// The number of columns before the help of each option.
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

    /// Returns the indented spelling; a long name without a short name is indented more, so that long names
    /// are aligned.
    private static func indented(_ row: HelpRow) -> String {
        (row.spelling.hasPrefix("--") ? "      " : "  ") + row.spelling
    }

    /// Returns the lines of a text, each indented by `indent` columns.
    ///
    /// Lines are broken between words. A word that is wider than a line is not broken.
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
