// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import FetchRun

/// Tests of the numbers that `--max-failures` compares.
@Suite struct FailureLimitTests {
    private let half = FailureLimit.share(RecordShare(trillionths: 500_000_000_000))

    /// Returns totals with the given numbers of records by outcome; the tasks of `others` were not fetched.
    private func totals(fetched: [Outcome: Int] = [:], others: [Outcome: Int] = [:]) -> RunSummary {
        var summary = RunSummary()
        for (outcome, count) in fetched { for _ in 0..<count { summary.count(outcome) } }
        for (outcome, count) in others {
            for _ in 0..<count {
                summary.count(outcome)
                summary.noteUnfetched(outcome)
            }
        }
        return summary
    }

    @Test(arguments: [
        (499, 20_000, false), (501, 20_000, true), (500, 1_000, false), (501, 1_000, true),
    ])
    func failedFetchesCountAmongFetchedTasks(failures: Int, read: Int, ends: Bool) {
        let fetched = [Outcome.ok: 1_000 - failures, .fetchError: failures]
        for others in [[:], [Outcome.skipped: 5_000]] {
            let summary = totals(fetched: fetched, others: others)
            let read = read + (others[.skipped] ?? 0)
            #expect(half.isExceeded(by: summary, .any, linesRead: read) == ends)
        }
        #expect(!half.isExceeded(by: totals(fetched: fetched), .crashes, linesRead: read))
    }

    /// With fewer records than `FailureLimit.fewestRecords`, no share ends a run.
    @Test(arguments: [(100, 200, false), (100, 199, true), (99, 99, false), (1_000, 20_000, false)])
    func failuresWithoutAFetchCountAmongTheReadLinesThatWereNotSkipped(failures: Int, read: Int, ends: Bool) {
        for outcome in [Outcome.invalid, .fetchError] {
            let summary = totals(others: [outcome: failures])
            #expect(half.isExceeded(by: summary, .any, linesRead: read) == ends)
        }
        let summary = totals(others: [.invalid: failures, .skipped: 300])
        #expect(half.isExceeded(by: summary, .any, linesRead: read + 300) == ends)
    }

    @Test func aNumberCountsAllFailures() {
        let summary = totals(fetched: [.ok: 9, .fetchError: 2], others: [.invalid: 2, .skipped: 9])
        #expect(FailureLimit.number(3).isExceeded(by: summary, .any, linesRead: 22))
        #expect(!FailureLimit.number(4).isExceeded(by: summary, .any, linesRead: 22))
    }
}
