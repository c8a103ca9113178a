// SPDX-License-Identifier: MIT
// fetchpool

/// One line of help as data, for those who show it elsewhere, and for tests that compare documents with it.
package struct HelpRow: Sendable, Hashable {
    /// The heading of the row's section, if it has one.
    package let section: String?
    /// The names and the placeholder: `-w, --workers N`.
    package let spelling: String
    /// The default as it is shown, if it is.
    package let shownDefault: String?
    /// What the option means.
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
