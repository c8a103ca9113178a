// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@testable import FetchRun

@Suite struct RelayedRecordTests {
    private func read(_ record: String) -> RelayedRecord? {
        let line = Array(#"{"seq":1,"record":\#(record)}"#.utf8)
        let start = #"{"seq":1,"record":"#.utf8.count
        return RelayedRecord(start..<line.count - 1, in: line.span)
    }

    @Test func membersForTheStatisticsAreReadAtAnyPosition() throws {
        let record = try #require(
            read(
                #"{"timing":{"total_ms":2.5},"error":{"message":"m","class":"dns"},"x":{"id":1},"#
                    + #""bytes":{"wire":1,"body":9},"outcome":"fetch_error"}"#
            )
        )
        #expect(record.outcome == .fetchError)
        #expect(record.errorClass == .dns)
        #expect(record.traffic.bodyBytes == 9)
        #expect(record.traffic.totalMilliseconds == 2.5)
    }

    @Test func halfASurrogatePairInAnErrorMessageIsReplaced() throws {
        let error = #"{"message":"page \ud83d","class":"dns"}"#
        let record = read(#"{"outcome":"fetch_error","error":\#(error)}"#)
        #expect(record?.error?.message == "page \u{FFFD}")
        let line = Array(#"{"seq":1,"error":\#(error)}"#.utf8)
        guard case .result(let result) = try WorkerMessage.read(line.span) else {
            Issue.record("the line is no result")
            return
        }
        #expect(TaskError.said(by: result, in: line.span, .processor).message == "page \u{FFFD}")
    }

    @Test(
        arguments: ["v", "id", "url", "method", "meta", "worker", #"m\u0065ta"#, #"\u0069d"#]
    )
    func aRecordWithAMemberThatOnlyTheParentMayWriteIsRefused(name: String) {
        #expect(read(#"{"outcome":"ok","\#(name)":1}"#) == nil)
        #expect(read(#"{"\#(name)":{},"outcome":"ok"}"#) == nil)
    }

    @Test(
        arguments: [
            "{}", #"{"status":200}"#, #"{"outcome":"great"}"#, #"{"outcome":1}"#, #"{"outcome":null}"#,
        ]
    )
    func aRecordWithoutAKnownOutcomeIsRefused(record: String) {
        #expect(read(record) == nil)
    }

    @Test func theLastOfTwoOutcomesCounts() {
        #expect(read(#"{"outcome":"ok","outcome":"timeout"}"#)?.outcome == .timeout)
    }

    @Test(
        arguments: [
            #""error":"dns","bytes":7,"timing":[1]"#,
            #""error":{"class":"new"},"bytes":{"body":-1},"timing":{"total_ms":"2"}"#,
            #""error":{},"bytes":{},"timing":{}"#, #""timing":{"total_ms":-1}"#,
        ]
    )
    func membersWithUnusableValuesAreIgnored(members: String) throws {
        let record = try #require(read(#"{"outcome":"ok",\#(members)}"#))
        #expect(record.errorClass == nil)
        #expect(record.traffic.bodyBytes == nil)
        #expect(record.traffic.totalMilliseconds == nil)
    }

    @Test func aTimeThatIsTooLargeIsReadAsTheLargestTime() {
        #expect(read(#"{"outcome":"ok","timing":{"total_ms":1e300}}"#)?.traffic.totalMilliseconds == 1e9)
    }
}
