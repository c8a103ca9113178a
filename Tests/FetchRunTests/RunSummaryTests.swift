// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Platform
import PoolWire
import Testing

@testable import FetchRun

@Suite struct RunSummaryTests {
    private func traffic(bytes: Int?, milliseconds: Double?) -> FetchTraffic {
        var traffic = FetchTraffic()
        (traffic.bodyBytes, traffic.totalMilliseconds) = (bytes, milliseconds)
        return traffic
    }

    private var sample: RunSummary {
        var summary = RunSummary()
        for _ in 0..<3 { summary.count(.ok) }
        for _ in 0..<2 { summary.count(.httpError, .httpStatus) }
        summary.count(.fetchError, .tls)
        summary.count(.fetchError, .dns)
        summary.count(.skipped, .duplicate)
        summary.count(traffic(bytes: 3_000, milliseconds: 9.7))
        summary.count(traffic(bytes: nil, milliseconds: nil))
        summary.seconds = 2
        return summary
    }

    @Test func recordsThatAreOkOrSkippedAreNoFailures() {
        #expect(sample.records == 8)
        #expect(sample.failures == 4)
        #expect(sample.outcomes == [.ok: 3, .httpError: 2, .fetchError: 2, .skipped: 1])
        #expect(sample.classes == [.httpStatus: 2, .tls: 1, .dns: 1, .duplicate: 1])
        #expect(sample.bodyBytes == 3_000)
    }

    @Test func theTextHasOutcomesInTheOrderOfTheirEnum() {
        #expect(
            sample.text == [
                "8 records in 2.00 s: 3 ok, 2 http_error, 2 fetch_error, 1 skipped",
                "  errors: http_status 2, dns 1, duplicate 1, tls 1",
                "  4.00 records/s, 2.93 KiB of bodies; latency in ms: p50 9.70, p90 9.70, p99 9.70, max 9.70",
            ]
        )
    }

    @Test func anEmptyRunHasAText() {
        #expect(
            RunSummary().text == ["0 records in 0.000 s: none", "  0.000 records/s, 0 B of bodies"]
        )
    }

    @Test func restartsAndUnusableLinesAreShownIfThereWereAny() {
        var summary = RunSummary()
        (summary.restarts, summary.unusableLines) = (3, 4)
        #expect(summary.text.suffix(2) == ["  worker restarts: 3", "  unusable lines from workers: 4"])
    }

    @Test func tasksOfEarlierRunsAreCountedOnce() {
        var summary = sample
        var tally = JournalTally()
        tally.add(JournalEntry(okWith: 1))
        tally.add(JournalEntry(.timeout, .deadline, url: 1))
        summary.journal = tally
        #expect(
            summary.text[1]
                == "  with earlier runs, 10 tasks: 4 ok, 2 http_error, 2 fetch_error, 1 timeout, 1 skipped"
        )
        summary.countReplaced(JournalEntry(.timeout, .deadline, url: 1).mark)
        #expect(summary.allOutcomes == [.ok: 4, .httpError: 2, .fetchError: 2, .skipped: 1])
        #expect(summary.earlier?.count == 1)
    }

    @Test func oneTaskOfAnEarlierRunIsInTheSingular() {
        var summary = RunSummary()
        summary.journal = JournalTally(outcomes: [.ok: 1], classes: [:])
        #expect(summary.text[1] == "  with earlier runs, 1 task: 1 ok")
    }

    @Test func recordsThatCouldNotBeWrittenAreNotCounted() {
        var summary = sample
        summary.count(.httpError, .httpStatus, status: 404)
        summary.count(.cancelled, .cancelled)
        for name in ["h", "h", "other"] { summary.countFailure(of: HostKey(name: name, port: 80)) }
        let lines = """
            {"v":1,"id":1,"url":"http://h/","outcome":"ok"}
            {"v":1,"id":2,"url":"http://h/","outcome":"http_error","status":404,"error":{"class":"http_status"}}
            {"v":1,"id":3,"url":"http://h/","outcome":"cancelled","error":{"class":"cancelled"}}

            """
        summary.countUnwritten(Array(lines.utf8))
        #expect(summary.records == 7)
        #expect(summary.unwritten == 3)
        #expect(summary.outcomes == [.ok: 2, .httpError: 2, .fetchError: 2, .skipped: 1])
        #expect(summary.classes[.httpStatus] == 2)
        #expect(summary.classes.keys.contains(.cancelled) == false)
        #expect(summary.statuses.all.isEmpty)
        #expect(summary.failingHosts.largest(3).map(\.sum) == [1, 1])
        #expect(summary.text.last == "  records that could not be written: 3")
    }

    @Test func anUnwrittenLineWithoutAnErrorClassDoesNotChangeTheCountsOfErrors() {
        var summary = RunSummary()
        for _ in 0..<2 { summary.count(.httpError, .httpStatus, status: 404) }
        let line = #"{"v":1,"id":1,"url":"http://h/","outcome":"http_error"}"# + "\n"
        summary.countUnwritten(Array(line.utf8))
        #expect(summary.records == 1 && summary.outcomes == [.httpError: 1])
        #expect(summary.classes == [.httpStatus: 2] && summary.statuses.all.map(\.count) == [2])
    }

    @Test(arguments: [true, false])
    func theErrorsOfARunAreCountedOnceWhetherItsLinesContainThemOrNot(hasErrors: Bool) {
        var summary = RunSummary()
        for _ in 0..<2 { summary.count(.fetchError, .dns) }
        let classes: [ErrorClass: Int] = hasErrors ? [.dns: 5] : [.dns: 3]
        let file = JournalTally(outcomes: [.ok: 4, .fetchError: 5], classes: classes)
        summary.takeJournal(afterThisRun: file, hasErrors: hasErrors)
        #expect(summary.allOutcomes == [.ok: 4, .fetchError: 5])
        #expect(summary.allClasses == [.dns: 5])
    }

    @Test func outcomesAndErrorsOfUnwrittenRecordsAreNotShown() {
        var summary = RunSummary()
        summary.count(.cancelled, .cancelled)
        let line =
            #"{"v":1,"id":1,"url":"http://h/","outcome":"cancelled","error":{"class":"cancelled"}}"# + "\n"
        summary.countUnwritten(Array(line.utf8))
        #expect(summary.outcomes.isEmpty && summary.classes.isEmpty)
        #expect(!summary.text.contains { $0.contains("cancelled") })
    }

    @Test func nameLookUpsAreShownIfOneTookAMillisecond() {
        var summary = sample
        var looked = traffic(bytes: nil, milliseconds: nil)
        looked.lookupMilliseconds = 0.04
        summary.count(looked)
        #expect(summary.text.count == 3)
        looked.lookupMilliseconds = 20
        summary.count(looked)
        let line = "  name look-ups in ms: p50 0.040, p90 20.0, p99 20.0, max 20.0"
        #expect(summary.text[3] == line + "; 1 record with error dns")
        summary.count(.fetchError, .dns)
        #expect(summary.text[3] == line + "; 2 records with error dns")
    }

    @Test func theCountOfBytesHasAnUpperLimit() {
        var summary = RunSummary()
        for _ in 0..<1_100 { summary.count(traffic(bytes: (1 << 53) - 1, milliseconds: 1e9)) }
        #expect(summary.bodyBytes == 1 << 62)
    }

    @Test(
        arguments: [
            (0, "0.000"), (0.0123, "0.012"), (0.5, "0.50"), (9.876, "9.88"), (45.67, "45.7"),
            (1234.5, "1234"), (0.0994, "0.099"), (0.0996, "0.10"), (9.994, "9.99"), (9.996, "10.0"),
            (99.94, "99.9"), (99.96, "100"),
        ]
    )
    func numbersAreShownWithAboutThreeDigits(value: Double, text: String) {
        #expect(RunSummary.short(value) == text)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.00 KiB"), (50 << 20, "50.0 MiB"), (3 << 40, "3.00 TiB"),
            (5_000 << 40, "5000 TiB"), (1_047_551, "1023 KiB"), (1_048_575, "1.00 MiB"),
            ((1 << 40) - 1, "1.00 TiB"),
        ]
    )
    func sizesAreShownInTheLargestUnitThatFits(bytes: Int, text: String) {
        #expect(RunSummary.size(bytes) == text)
    }
}
