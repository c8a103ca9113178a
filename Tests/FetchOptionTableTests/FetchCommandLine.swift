// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import OptionTable

/// The settings of a program that takes only the fetch options.
///
/// Each row of `FetchOptions` sets properties of a `FetchOptions` value. `inside(\.fetch)` returns a row that
/// sets the same properties of `fetch`.
struct FetchCommandLine: Sendable {
    private var fetch = FetchOptions()

    private static let table = OptionTable<FetchCommandLine>(
        "test",
        version: "",
        summary: "",
        sections: OptionSection(
            "Fetching",
            rows: ([FetchOptions.concurrencyRow] + FetchOptions.rows).map { $0.inside(\.fetch) }
        )
    )

    /// The rows of the help text, except `--help` and `--version`.
    static var rows: [HelpRow] { table.helpRows.filter { !["--help", "--version"].contains($0.name) } }

    /// The long names of the options.
    static var names: [String] { rows.compactMap(\.name) }

    /// Returns the options for the words of a command line.
    static func options(_ words: [String]) throws -> FetchOptions {
        switch try table.parse(words, defaults: FetchCommandLine()) {
        case .run(let line): line.fetch
        case .print(let text): throw UsageError("printed: \(text)")
        }
    }

    /// Returns the settings for the words of a command line.
    static func settings(_ words: [String]) throws -> FetchSettings {
        try options(words).resolved().settings
    }
}

extension HelpRow {
    /// The long name of the option in the row, with its hyphens; `nil` if there is none.
    var name: String? {
        spelling.split(separator: " ").first { $0.hasPrefix("--") }.map { $0.filter { $0 != "," } }
    }
}
