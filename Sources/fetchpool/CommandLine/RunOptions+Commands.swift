// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable

extension RunOptions {
    /// The commands other than a run, for the completion scripts of shells.
    static let commands = [
        CompletionCommand("report", help: "make one HTML page of records", ReportOptions.table),
        CompletionCommand("demo", help: "show what this program is for", Demo.table),
        CompletionCommand(
            "completion",
            help: "print a script that completes options",
            words: CompletionShell.allCases.map(\.rawValue)
        ),
        CompletionCommand("manual", help: "print the manual page"),
        CompletionCommand("schema", help: "print a JSON Schema", words: Schema.allCases.map(\.rawValue)),
    ]
}
