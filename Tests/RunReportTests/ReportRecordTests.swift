// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import RunReport

@Suite struct ReportRecordTests {
    @Test func membersAreReadInAnyOrder() throws {
        let record = try #require(
            ReportRecord(
                #"{"meta":{"outcome":"invalid"},"timing":{"total_ms":4.5,"process_ms":2},"processor":{"pid":9,"id":3,"name":"p"},"result":[{"status":1}],"status":404,"outcome":"http_error","bytes":{"body":7,"wire":6},"error":{"message":"m","class":"http_status"},"exit_code":3,"peak_rss_kb":5,"attempt":2}"#
            )
        )
        #expect(record.outcome == .httpError)
        #expect((record.status, record.attempt, record.exitCode) == (404, 2, 3))
        #expect((record.bodyBytes, record.wireBytes, record.peakKiB) == (7, 6, 5))
        #expect((record.timing.total, record.timing.processing) == (4.5, 2))
        #expect(record.processor == ReportRecord.Worker(place: 3, pid: 9))
        #expect(record.worker == nil)
        #expect(record.errorClass == .httpStatus)
    }

    @Test(arguments: [
        #"{"v":1,"id":1}"#, #"{"outcome":"splendid"}"#, #"{"outcome":1}"#, #"["outcome","ok"]"#, "", "ok",
        #"{"outcome":"ok"} x"#, #"{"outcome":"ok""#, #"{"outcome":"ok",}"#,
    ])
    func linesThatAreNoCompleteRecordsAreRefused(line: String) { #expect(ReportRecord(line) == nil) }

    @Test func valuesOfUnexpectedKindsAreLeftOut() throws {
        let record = try #require(
            ReportRecord(
                #"{"outcome":"ok","id":{},"url":7,"status":"x","timing":[],"bytes":1,"worker":3,"processor":{"id":-1},"error":"e","fetched_at":1,"signal":{},"stderr_tail":"t","attempt":-3,"timing":{"total_ms":-1,"ttfb_ms":1e99}}"#
            )
        )
        #expect(record.id == nil && record.url == nil && record.status == nil && record.timing.total == nil)
        #expect(record.timing.firstByte == nil && record.processor == nil && record.attempt == nil)
        #expect(record.fetchedAt == nil && record.signal == nil && record.errorTail == nil)
    }

    /// polars writes `null` for each member that only other records have.
    @Test func aMemberThatIsNullCountsAsMissing() throws {
        let record = try #require(
            ReportRecord(
                #"{"url":null,"outcome":"ok","bytes":{"wire":null,"body":7},"worker":{"id":3,"pid":9,"host":null},"processor":null,"error":null}"#
            )
        )
        #expect(record.worker == ReportRecord.Worker(place: 3, pid: 9))
        #expect(record.url == nil && record.wireBytes == nil && record.bodyBytes == 7)
        #expect(record.processor == nil && record.errorClass == nil)
    }

    @Test(arguments: [
        (#"{"v":1,"id":1,"url":"http"#, true), (#"{"v":1"#, true), ("{", true), ("\0\0\0", true),
        (#"{"v":1,}"#, false), ("hello", false), (#"["v""#, false), (#"{"v":1}"#, false),
    ])
    func theBeginningOfAnObjectAndNULBytesAreTorn(line: String, isTorn: Bool) {
        let bytes = Array(line.utf8)
        #expect(ReportRecord.isTorn(bytes.span) == isTorn)
    }
}
