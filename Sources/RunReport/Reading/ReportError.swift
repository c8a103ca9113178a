// SPDX-License-Identifier: MIT
// fetchpool

/// An error because of which there is no page.
package enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read, with the reason.
    case unreadable(String, reason: String)
    /// A file that holds other things than records, with the number of its first line.
    case noRecords(String, line: Int)
    /// A file that is compressed.
    case compressed(String, tool: String)
    /// Files that have no line at all.
    case empty([String])
    /// A file that had fewer records when it was read for the second time.
    case changed(String)

    package var description: String {
        switch self {
        case .unreadable(let name, let reason): "cannot read \(Self.shown(name)): \(reason)"
        case .noRecords(let name, let line):
            "line \(line) of \(Self.shown(name)) is no record; name files that fetchpool has written"
        case .compressed(let name, let tool):
            "\(Self.shown(name)) is compressed; write: \(tool) '\(name)' | fetchpool report -"
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
