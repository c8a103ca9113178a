// SPDX-License-Identifier: MIT
// fetchpool

/// One row of the help text as data.
package struct HelpRow: Sendable, Hashable {
    /// The heading of the row's section; `nil` for none.
    package let section: String?
    /// The names of the option, and its placeholder if it has one, such as `-w, --workers N`.
    ///
    /// For operands, this is only the placeholder and `…`.
    package let spelling: String
    /// The default as shown; `nil` if none is shown.
    package let shownDefault: String?
    /// The meaning of the option or the operands.
    package let help: String
}

extension OptionTable {
    /// All rows in the order of `--help`.
    package var helpRows: [HelpRow] {
        sections.flatMap { section in
            section.rows.map { row in
                HelpRow(
                    section: section.title,
                    spelling: row.spelling,
                    shownDefault: row.shownDefault,
                    help: row.help
                )
            }
        }
    }
}

extension OptionRow {
    fileprivate var spelling: String {
        let words = names.joined(separator: ", ")
        guard let placeholder else { return words }
        return names.isEmpty ? "\(placeholder) …" : "\(words) \(placeholder)"
    }
}
