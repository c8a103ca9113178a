// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the tables for a terminal.
struct TextReportTests {
    @Test func cellsOfAColumnAreAligned() {
        let lines = TextReport.aligned([["name", "rate"], ["a", "1,000"], ["longer", "9"]], left: [0])
        #expect(lines == ["name     rate", "a       1,000", "longer      9"])
    }

    @Test func failureReplacesTheFigures() {
        var failed = Series(workload: .small, contender: "wrk", isPeer: true)
        failed.failure = "'wrk' cannot be started"
        let table = TextReport.table(.small, [failed, .sample(.small, "fetchpool", seconds: [0.5])])
        #expect(table.contains("  wrk "))
        #expect(table.contains("'wrk' cannot be started"))
        #expect(table.contains("2,000"))
        #expect(table.contains("99.9 %"))
    }

    @Test func failureOfSeveralLinesStaysInItsRow() {
        var failed = Series(workload: .small, contender: "wrk", isPeer: true)
        failed.failure = "no result\nKeyError"
        #expect(TextReport.table(.small, [failed]).contains("no result KeyError"))
    }

    @Test func failureOfALaterRunIsShownBelowTheFigures() {
        var series = Series.sample(.small, "fetchpool", seconds: [0.5])
        series.failure = "status 1\nno result"
        let table = TextReport.table(.small, [series])
        #expect(table.contains("2,000"))
        #expect(table.contains("  fetchpool: a later run failed: status 1 no result"))
        let page = MarkdownReport.text(.sample(series), [])
        #expect(page.contains("- fetchpool: a later run failed: status 1 no result"))
    }

    @Test(arguments: [(true, "held"), (false, "missed")])
    func heldAndMissedTargetsAreShown(_ isHeld: Bool, _ word: String) {
        let verdict = Verdict(
            workload: .small,
            comparison: "a : b",
            ratio: 1.5,
            bound: .atLeast(1.1),
            isHeld: isHeld
        )
        #expect(TextReport.table([verdict]).contains(word))
    }
}
