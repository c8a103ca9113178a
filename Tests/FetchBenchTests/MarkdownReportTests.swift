// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the tables for the documentation and for the README.
struct MarkdownReportTests {
    private let results = BenchResults.sample(
        .sample(.small, "fetchpool", seconds: [0.02], peakKiB: ["fetchpool": 20_000, "sh": 900]),
        .sample(.small, "Go net/http", seconds: [0.025]),
        .sample(.small, "aiohttp", seconds: [0.5])
    )

    private var lines: [Substring] {
        MarkdownReport.text(results, Target.all.compactMap { $0.verdict(in: results) })
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test func machineAndDateAreNamed() {
        #expect(
            lines.first?.hasPrefix("Measured on 2026-01-31 with 2 cores of Some Processor, Linux 6.1") == true
        )
        #expect(lines.first?.hasSuffix("Versions: curl 7.88.1, swift 6.3.1.") == true)
    }

    @Test func eachTargetAndEachProgramHasARow() {
        #expect(lines.contains("| small | fetchpool : Go net/http | 1.25 | at least 1.1 | held |"))
        #expect(lines.contains("| small | fetchpool : aiohttp | 25.0 | at least 7 | held |"))
        let row = "| small | fetchpool | 50,000 | 50,000 - 50,000 | 0.0100 | 99.9 % | fetchpool 20.5 |"
        #expect(lines.contains(row[...]))
    }

    @Test func rateFarBelowTheKnownRateHasARemark() {
        #expect(lines.filter { $0.hasPrefix("aiohttp reached 29.4 % of its known rate, 6,800") }.count == 1)
        #expect(!lines.contains { $0.hasPrefix("Go net/http reached") })
    }

    @Test func readmeShowsMeasuredRatios() {
        let text = ShortTable.text(
            .sample(
                .sample(.tls, "fetchpool, new hosts", seconds: [4]),
                .sample(.tls, "Go net/http, new hosts", seconds: [1]),
                .sample(.small, "fetchpool", seconds: [0.02]),
                .sample(.small, "aiohttp", seconds: [0.5])
            )
        )
        let rows = [
            "| per second | fetchpool | instead | ratio |", "|---|---:|---|---:|",
            "| HTTPS, new hosts | 250 | Go net/http 1,000 | 0.250 |",
            "| small answers | 50,000 | aiohttp 2,000 | 25.0 |",
        ]
        #expect(text == rows.map { $0 + "\n" }.joined())
    }

    /// If a comparison named an unknown contender, the table would lack this comparison, without an error.
    @Test func eachComparisonOfTheReadmeHasATarget() {
        let names = ShortTable.contenders
        let compared = Target.all.map { "\($0.workload) \($0.comparison)" }
        for (workload, own, other) in names {
            #expect(compared.contains("\(workload) \(own) : \(other)"), "\(own) : \(other)")
        }
    }

    @Test func failureCannotBreakTheTable() {
        var failed = Series(workload: .small, contender: "wrk", isPeer: true)
        failed.failure = "a | b\nc"
        let text = MarkdownReport.text(.sample(failed), [])
        #expect(text.contains(#"| small | wrk | a \| b c |  |  |  |  |"#))
    }
}
