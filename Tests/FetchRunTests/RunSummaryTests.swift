// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import PoolWire
import Testing

@testable import FetchRun

@Suite struct RunSummaryTests {
    private func answer(bytes: Int?, milliseconds: Double?) -> Answer {
        var answer = Answer(seq: 1)
        (answer.bodyBytes, answer.totalMilliseconds) = (bytes, milliseconds)
        return answer
    }

    private var sample: RunSummary {
        var summary = RunSummary()
        for _ in 0..<3 { summary.count(.ok) }
        for _ in 0..<2 { summary.count(.httpError, .httpStatus) }
        summary.count(.fetchError, .tls)
        summary.count(.fetchError, .dns)
        summary.count(.skipped, .duplicate)
        summary.count(fetched: answer(bytes: 3_000, milliseconds: 9.7))
        summary.count(fetched: answer(bytes: nil, milliseconds: nil))
        summary.seconds = 2
        return summary
    }

    @Test func recordsAreCountedAndOkAndSkippedAreNoFailures() {
        #expect(sample.records == 8)
        #expect(sample.failures == 4)
        #expect(sample.outcomes == [.ok: 3, .httpError: 2, .fetchError: 2, .skipped: 1])
        #expect(sample.classes == [.httpStatus: 2, .tls: 1, .dns: 1, .duplicate: 1])
        #expect(sample.bodyBytes == 3_000)
    }

    @Test func theTextOrdersOutcomesByCaseAndErrorsByCountAndName() {
        #expect(
            sample.text == [
                "8 records in 2.00 s: 3 ok, 2 http_error, 2 fetch_error, 1 skipped",
                "  errors: http_status 2, dns 1, duplicate 1, tls 1",
                "  4.00 records/s, 2.93 KiB of bodies; latency in ms: p50 9.70, p90 9.70, p99 9.70, max 9.70",
            ]
        )
    }

    @Test func anEmptyRunHasATextToo() {
        #expect(
            RunSummary().text == ["0 records in 0.000 s: none", "  0.000 records/s, 0 B of bodies"]
        )
    }

    @Test func restartsAndUnusableLinesAreShownIfThereWereAny() {
        var summary = RunSummary()
        (summary.restarts, summary.unusableLines) = (3, 4)
        #expect(summary.text.suffix(2) == ["  worker restarts: 3", "  unusable lines from workers: 4"])
    }

    @Test func theTotalsAreOneLineOfJSON() {
        var summary = sample
        (summary.restarts, summary.unusableLines, summary.seconds) = (3, 4, 2.5)
        let expected =
            #"{"v":1,"records":8,"resumed":0,"seconds":2.5,"#
            + #""outcomes":{"ok":3,"http_error":2,"fetch_error":2,"skipped":1},"#
            + #""errors":{"http_status":2,"dns":1,"tls":1,"duplicate":1},"body_bytes":3000,"#
            + #""latency_ms":{"p50":9.7,"p90":9.7,"p99":9.7,"max":9.7},"dns_ms":{},"retries":0,"worker_restarts":3,"unusable_lines":4}"#
        #expect(String(decoding: summary.json, as: UTF8.self) == expected + "\n")
    }

    @Test func eachMemberIsDocumented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("Sources/fetchpool/fetchpool.docc/Records.md"),
            encoding: .utf8
        )
        let table = try #require(page.components(separatedBy: "### The statistics of a run").last)
        let object = try JSONSerialization.jsonObject(with: Data(sample.json)) as? [String: Any]
        let names = try #require(object).keys.sorted()
        #expect(names.count == 12)
        for name in names { #expect(table.contains("\n| `\(name)`"), "\(name)") }
    }

    @Test func tasksOfEarlierRunsAreCountedOnce() {
        var summary = sample
        var tally = JournalTally()
        tally.add(JournalEntry(okWith: 1))
        tally.add(JournalEntry(.timeout, .deadline, url: 1))
        summary.earlier = tally
        #expect(
            summary.text[1]
                == "  with earlier runs, 10 tasks: 4 ok, 2 http_error, 2 fetch_error, 1 timeout, 1 skipped"
        )
        let json = String(decoding: summary.json, as: UTF8.self)
        #expect(json.hasPrefix(#"{"v":1,"records":10,"resumed":2,"#))
        #expect(json.contains(#""outcomes":{"ok":4,"http_error":2,"fetch_error":2,"timeout":1,"skipped":1}"#))
        #expect(json.contains(#""deadline":1"#))
        tally.remove(JournalEntry(.timeout, .deadline, url: 1))
        summary.earlier = tally
        #expect(summary.allOutcomes == [.ok: 4, .httpError: 2, .fetchError: 2, .skipped: 1])
    }

    @Test func nameLookUpsAreShownIfOneTookAMillisecond() {
        var summary = sample
        var looked = answer(bytes: nil, milliseconds: nil)
        looked.lookupMilliseconds = 0.04
        summary.count(fetched: looked)
        #expect(summary.text.count == 3)
        looked.lookupMilliseconds = 20
        summary.count(fetched: looked)
        #expect(summary.text[3] == "  name look-ups in ms: p50 0.040, p90 20.0, p99 20.0, max 20.0; 1 failed")
        #expect(
            String(decoding: summary.json, as: UTF8.self).contains(
                #""dns_ms":{"p50":0.04,"p90":20,"p99":20,"max":20},"#
            )
        )
    }

    @Test func anEmptyRunIsJSONWithoutLatencies() {
        let text = String(decoding: RunSummary().json, as: UTF8.self)
        #expect(text.contains(#""outcomes":{},"errors":{},"body_bytes":0,"latency_ms":{},"dns_ms":{},"#))
    }

    @Test func theCountOfBytesHasAnUpperLimit() {
        var summary = RunSummary()
        for _ in 0..<1_100 { summary.count(fetched: answer(bytes: (1 << 53) - 1, milliseconds: 1e9)) }
        #expect(summary.bodyBytes == 1 << 62)
        #expect(summary.json.count > 0)
    }

    @Test(
        arguments: [
            (0, "0.000"), (0.0123, "0.012"), (0.5, "0.50"), (9.876, "9.88"), (45.67, "45.7"),
            (1234.5, "1234"),
        ]
    )
    func numbersAreShownWithAboutThreeDigits(value: Double, text: String) {
        #expect(RunSummary.short(value) == text)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.00 KiB"), (50 << 20, "50.0 MiB"), (3 << 40, "3.00 TiB"),
            (5_000 << 40, "5000 TiB"),
        ]
    )
    func sizesAreShownInTheLargestUnit(bytes: Int, text: String) {
        #expect(RunSummary.size(bytes) == text)
    }
}
