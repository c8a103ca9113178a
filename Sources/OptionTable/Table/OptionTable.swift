// SPDX-License-Identifier: MIT
// fetchpool

/// The options that a program accepts.
///
/// Parsing, help and error messages derive from the rows of `sections` (`OptionRow`).
package struct OptionTable<Settings: Sendable>: Sendable {
    /// The result of parsing a command line.
    package enum Outcome: Sendable {
        /// Run with these settings.
        case run(Settings)
        /// Print this text, which ends without a line feed, and exit with status 0.
        case print(String)
    }

    let program: String
    let version: String
    let summary: String
    let sections: [OptionSection<Settings>]

    /// Creates a table; the rows for help and version are added to the last section.
    ///
    /// `program` is the name that users type, with the subcommand if there is one. A line feed in `summary`
    /// begins a new line of the help text. The initializer traps if two rows have no name, or if a name is
    /// used twice. It also traps if a name has neither the form `-x` nor `--long`, or if a long name has `=`.
    package init(_ program: String, version: String, summary: String, sections: OptionSection<Settings>...) {
        var sections = sections.isEmpty ? [OptionSection()] : sections
        sections[sections.count - 1].rows += [
            OptionRow(["-h", "--help"], help: "print this help", effect: .print(.help)),
            OptionRow(["--version"], help: "print the version", effect: .print(.version)),
        ]
        (self.program, self.version, self.summary, self.sections) = (program, version, summary, sections)
        checkRows()
    }

    /// Parses the words after the program's name.
    ///
    /// A value of an option replaces the default and any earlier value of the option. The values of a
    /// repeatable option are appended instead.
    ///
    /// - Throws: `UsageError` for an unknown option, for an unexpected word, or for a value that is missing,
    ///   unreadable or superfluous.
    package func parse(_ words: [String], defaults: Settings) throws(UsageError) -> Outcome {
        var reader = CommandLineReader(table: self, settings: defaults, words: words[...])
        return try reader.read()
    }

    var rows: [OptionRow<Settings>] { sections.flatMap(\.rows) }

    var names: [String] { rows.flatMap(\.names) }

    var operandRow: OptionRow<Settings>? { rows.first { $0.names.isEmpty } }

    func row(named name: String) -> OptionRow<Settings>? {
        rows.first { $0.names.contains(name) }
    }

    private func checkRows() {
        var seen: Set<String> = []
        for name in names {
            precondition(Self.isWellFormed(name), "'\(name)' is not a valid option name")
            precondition(seen.insert(name).inserted, "the option '\(name)' has two rows")
        }
        precondition(
            rows.count { $0.names.isEmpty } < 2,
            "two rows have no name; only one row, the row for operands, may have none"
        )
    }

    private static func isWellFormed(_ name: String) -> Bool {
        if name.hasPrefix("--") {
            return name.utf8.count > 2 && !name.contains("=")
        }
        return name.hasPrefix("-") && name.unicodeScalars.count == 2
    }
}
