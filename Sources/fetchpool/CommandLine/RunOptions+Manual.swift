// SPDX-License-Identifier: MIT
// fetchpool

extension RunOptions {
    /// The sections of the manual page after the options.
    static let manualNotes: [(title: String, paragraphs: [String])] = [
        (
            "Exit status",
            [
                "0: every record is ok or skipped. 1: some are not. 2: wrong usage. 3: input or output failed. 4: workers cannot start. 5: ended by --max-failures. 6: ended by --deadline. 141: the reader of the records has gone. 128 + N: ended by signal N.",
                "--fail-on changes which records make the status 1. With --resume, the records of earlier runs count too.",
            ]
        ),
        (
            "Commands",
            [
                "fetchpool report RECORDS ... -o FILE makes one HTML page of records: see fetchpool report --help. fetchpool demo shows what this program is for. fetchpool completion SHELL prints a script for bash, zsh or fish. fetchpool schema records and fetchpool schema statistics print JSON Schemas. fetchpool manual prints this page."
            ]
        ),
        (
            "Signals",
            [
                "After the first SIGINT, SIGTERM or SIGHUP, no more input is read, and the tasks in flight have 10 seconds to end. After the second, workers are killed at once. To continue the run later, start it again with --resume.",
                "SIGUSR1 shows the progress and the workers once, and changes nothing.",
            ]
        ),
    ]
}
