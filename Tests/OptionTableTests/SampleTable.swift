// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable

enum Switch: String, CaseIterable, OptionValue {
    case auto, on, off
}

enum Loudness {
    case quiet, usual, verbose
}

/// Sample settings, with an option of each kind.
struct Sample: Sendable {
    var inputs: [String] = []
    var output: String?
    var workers = 2
    var offset = 0
    var limit: Int?
    var statuses = [500]
    var timeout: Duration = .seconds(30)
    var maxBody = ByteCount(bytes: 1)
    var rate: Rate?
    var progress = Switch.auto
    var isOrdered = false
    var loudness = Loudness.usual
    var exec: [String]?
    var commands: [[String]] = []
    var urls: [String] = []

    static let table = OptionTable<Sample>(
        "sample",
        version: "1.2",
        summary: "Shows every kind of row.",
        sections: OptionSection(
            "Input and output",
            .operands(as: "URL", appendTo: \.urls, help: "what to take"),
            .repeatable(
                "-i",
                "--input",
                as: "FILE",
                appendTo: \.inputs,
                shownDefault: "stdin",
                help: "lines"
            ),
            .value("-o", "--output", as: "FILE", sets: \.output, help: "records"),
            .flag("--ordered", sets: \.isOrdered, help: "records in input order"),
            .value("--progress", as: "auto|on|off", sets: \.progress, shownDefault: "auto", help: "a line")
        ),
        OptionSection(
            "Work",
            .value(
                "-w",
                "--workers",
                as: "N",
                sets: \.workers,
                accepting: .within(1...1024),
                shownDefault: "usable cores",
                help: "worker processes that do the work, and this text goes on until it must be wrapped"
            ),
            .repeatable(
                "--worker",
                as: "COMMAND",
                appendTo: \.commands,
                accepting: .command,
                help: "in its place"
            ),
            .value("-x", "--exec", as: "COMMAND", sets: \.exec, accepting: .command, help: "your own worker"),
            .value("--offset", as: "N", sets: \.offset, help: "any number"),
            .value("--limit", as: "N", sets: \.limit, accepting: .atLeast(1), help: "stop after N"),
            .value(
                "--retry-status",
                as: "LIST",
                sets: \.statuses,
                accepting: .list(of: .within(100...599)),
                help: "statuses"
            ),
            .value("--timeout", as: "DURATION", sets: \.timeout, accepting: .aboveZero, help: "one fetch"),
            .value("--max-body", as: "SIZE", sets: \.maxBody, help: "bytes"),
            .value("--rate", as: "N/s", sets: \.rate, help: "requests"),
            .value("--private-addresses", as: "auto|on|off", sets: \.progress, help: "a wide row")
        ),
        OptionSection(
            nil,
            .flag("-q", "--quiet", sets: \.loudness, to: .quiet, help: "say less"),
            .flag("-v", sets: \.loudness, to: .verbose, help: "say more")
        )
    )

    /// Returns the settings for a command line; throws if it is wrong, or asks for a text such as the help.
    static func reading(_ words: [String]) throws -> Sample {
        switch try table.parse(words, defaults: Sample()) {
        case .run(let settings): settings
        case .print(let text): throw UsageError("printed: \(text)")
        }
    }

    /// Returns the text for which a command line asks, such as the help; `nil` if it asks for none.
    ///
    /// - Throws: `UsageError` if the command line is wrong.
    static func text(for words: [String]) throws -> String? {
        guard case .print(let text) = try table.parse(words, defaults: Sample()) else { return nil }
        return text
    }

    /// Returns the error message for a command line; `nil` for a valid command line.
    static func complaint(about words: [String]) -> String? {
        do throws(UsageError) {
            _ = try table.parse(words, defaults: Sample())
            return nil
        } catch {
            return error.description
        }
    }
}
