// SPDX-License-Identifier: MIT
// fetchpool

/// A group of rows in the help text.
package struct OptionSection<Settings: Sendable>: Sendable {
    /// The heading, without a colon; `nil` for none.
    let title: String?
    var rows: [OptionRow<Settings>]

    /// Groups rows under a heading.
    package init(_ title: String? = nil, _ rows: OptionRow<Settings>...) {
        self.init(title, rows: rows)
    }

    /// Groups an array of rows under a heading.
    package init(_ title: String?, rows: [OptionRow<Settings>]) {
        (self.title, self.rows) = (title, rows)
    }
}
