// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import OptionTable

/// The command line of the fetch worker, which is also a filter.
struct WorkerOptions: Sendable {
    var fetch = FetchOptions()
    var defaultScheme: DefaultScheme?
    /// True if a coordinator sends the tasks.
    var isSupervised = false

    static let table = OptionTable<WorkerOptions>(
        Program.name,
        version: ProductVersion.text,
        summary: """
            Fetches each URL on standard input and prints one JSON record for each URL, in the order of completion.
            A line is a URL, a task object such as {"url":"https://example.com/","method":"HEAD"}, blank, or a # comment.
            The exit status is 0 if all records are written, whatever their outcomes; 1 if the program cannot start, 2 for wrong usage, 3 if input or output failed, 141 if the reader of the records has gone.
            """,
        sections: OptionSection(
            "Fetching",
            rows: ([FetchOptions.concurrencyRow] + FetchOptions.rows).map { $0.inside(\.fetch) }
        ),
        OptionSection(
            "Other",
            DefaultScheme.row(sets: \.defaultScheme),
            .flag("--supervised", sets: \.isSupervised, help: "be a worker of a coordinator")
        )
    )
}
