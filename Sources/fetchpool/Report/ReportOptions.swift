// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import OptionTable

/// The options of `fetchpool report`.
struct ReportOptions: Sendable {
    var names: [String] = []
    var output: String?

    /// The command line, with one row for each option.
    static let table = OptionTable<ReportOptions>(
        "fetchpool report",
        version: ProductVersion.text,
        summary: "Makes one HTML page of the records of runs, for people.",
        sections: OptionSection(
            nil,
            .operands(
                as: "RECORDS",
                appendTo: \.names,
                help: "files that fetchpool has written, of one run or of several; - is stdin"
            ),
            .value(
                "-o",
                "--output",
                as: "FILE",
                sets: \.output,
                shownDefault: "stdout",
                help: "the page; an existing file is replaced as a whole"
            )
        )
    )

    /// Checks the names of files.
    ///
    /// - Throws: `UsageError` if no file is named, if standard input is named twice, or if `PageTarget`
    ///   refuses the output.
    func check() throws(UsageError) {
        guard !names.isEmpty else {
            throw UsageError("name files of records, such as: fetchpool report records -o report.html")
        }
        if names.count(where: { $0 == "-" }) > 1 { throw UsageError("standard input (-) is named twice") }
        guard let output, output != "-" else { return }
        try PageTarget.check(output, "--output", others: names.map { $0 == "-" ? "/dev/stdin" : $0 })
    }
}
