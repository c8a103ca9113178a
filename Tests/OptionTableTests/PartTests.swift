// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

/// Tests rows that are written for a part of the settings, and used in the table of all settings.
@Suite struct PartTests {
    private struct Part: Sendable {
        var isOn = false
        var count = 1
        var words: [String] = []

        static let rows: [OptionRow<Part>] = [
            .flag("--on", sets: \.isOn, help: "a switch"),
            .value("-c", "--count", as: "N", sets: \.count, accepting: .within(1...9), help: "a number"),
            .operands(as: "WORD", appendTo: \.words, help: "the words"),
        ]
    }

    private struct Whole: Sendable {
        var part = Part()
        var other = false

        static let table = OptionTable<Whole>(
            "whole",
            version: "1",
            summary: "Has a part.",
            sections: OptionSection("Part", rows: Part.rows.map { $0.inside(\.part) }),
            OptionSection("Own", .flag("--other", sets: \.other, help: "its own"))
        )
    }

    @Test func rowsOfAPartSetThePart() throws {
        let words = ["--on", "-c4", "a", "--other", "b"]
        guard case .run(let whole) = try Whole.table.parse(words, defaults: Whole()) else {
            throw UsageError("the table returned a text to print, and no settings")
        }
        #expect(whole.part.isOn && whole.part.count == 4 && whole.part.words == ["a", "b"] && whole.other)
    }

    @Test func rowsOfAPartKeepTheirMessages() {
        #expect(throws: UsageError("--count: expected a whole number from 1 to 9, got '0'")) {
            try Whole.table.parse(["--count", "0"], defaults: Whole())
        }
    }

    @Test func rowsOfAPartKeepTheirHelp() {
        let alone = OptionTable<Part>(
            "part",
            version: "1",
            summary: "",
            sections: OptionSection("Part", rows: Part.rows)
        )
        #expect(Whole.table.helpRows.prefix(3) == alone.helpRows.prefix(3))
    }
}
