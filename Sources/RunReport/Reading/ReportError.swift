// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why no page is written.
package enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read, with the reason.
    case unreadable(String, reason: String)
    /// A file without records; `line` is the number of the first line that is not blank, counted from 1.
    ///
    /// If the first 999 lines have no record, the next line that is not blank decides. Unless this line is a
    /// record, the file is refused without reading further.
    case noRecords(String, line: Int)
    /// Files that are empty or have only blank lines.
    case empty([String])
    /// A file that was replaced after it was first opened, or became shorter between its two readings.
    ///
    /// The error also occurs if the two readings find different total numbers of records. The value is then
    /// the name of the first file.
    case changed(String)
    /// The caller ended the reading.
    case givenUp

    package var description: String {
        switch self {
        case .unreadable(let name, let reason): "cannot read \(Self.shown(name)): \(reason)"
        case .noRecords(let name, let line):
            "line \(line) of \(Self.shown(name)) is not a record; name files that fetchpool has written"
        case .empty(let names):
            names.count == 1
                ? "\(Self.shown(names[0])) is empty; name a file that has records"
                : "all files are empty; name a file that has records"
        case .changed(let name): "\(Self.shown(name)) was changed while it was read; try again"
        case .givenUp: "the reading was given up"
        }
    }

    /// Returns the name of a file as messages show it.
    static func shown(_ name: String) -> String { name == "-" ? "standard input" : "'\(name)'" }
}
