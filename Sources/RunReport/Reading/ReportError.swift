// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why no page is written.
package enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read, with the reason.
    case unreadable(String, reason: String)
    /// A file without records, with the number of the first line that is neither a record nor blank, counted
    /// from 1.
    ///
    /// A long file is refused before its end, at line 1,000 or later, if no line up to there is a record.
    case noRecords(String, line: Int)
    /// Files that are empty or have only blank lines.
    case empty([String])
    /// A file that was replaced, or has become shorter, before its second reading.
    ///
    /// If the second reading finds another number of records than the first reading, the name is that of the
    /// first of all files.
    case changed(String)

    package var description: String {
        switch self {
        case .unreadable(let name, let reason): "cannot read \(Self.shown(name)): \(reason)"
        case .noRecords(let name, let line):
            "line \(line) of \(Self.shown(name)) is no record; name files that fetchpool has written"
        case .empty(let names):
            names.count == 1
                ? "\(Self.shown(names[0])) is empty; name a file that has records"
                : "all files are empty; name a file that has records"
        case .changed(let name): "\(Self.shown(name)) was changed while it was read; try again"
        }
    }

    /// Returns the name of a file as messages show it.
    static func shown(_ name: String) -> String { name == "-" ? "standard input" : "'\(name)'" }
}
