// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import SimulationSupport
import Testing

@testable import FetchRun
@testable import ProcessPool

@Suite struct RecordSinkTests {
    private let user = #"{"url":"http://h/a","id":"x\u0041","meta":[1, 2]}"#
    private let line =
        #"{"seq":9,"status":200,"fields":{"redirects":1,"timing":{"total_ms":2.5}},"result":{"n":1}}"#
    private let fields =
        #""redirects":1,"timing":{"total_ms":2.5},"fetched_at":"1970-01-01T00:00:01.007Z","attempt":1"#

    /// Returns a record: as a result for a parent coordinator if `seq` is given, otherwise as an output line.
    ///
    /// `text` is the result message of the fetch worker; `nil` for a record without such a message.
    private func record(
        _ task: String,
        seq: Int? = nil,
        _ ending: RecordSink.Ending,
        message text: String? = nil
    ) throws -> String {
        var sink = RecordSink(seq == nil ? LineRecords() : ResultRecords(), clock: { 1_007 })
        let (item, object) = try RunItem.sample(task, ordinal: 5, reference: seq ?? 0)
        if let text {
            let line = Array(text.utf8)
            sink.writeCompleted(
                item,
                object.span,
                ending,
                try ResultMessage.of(line),
                in: line.span,
                by: .sample
            )
        } else {
            sink.write(item, object.span, ending) { $0.recordAttempt(1) }
        }
        return String(decoding: sink.takeLines(), as: UTF8.self)
    }

    @Test func theRecordOfASuccessHasTheUnchangedIdAndMeta() throws {
        let expected =
            #"{"v":1,"id":"x\u0041","url":"http://h/a","outcome":"ok","status":200,\#(fields),"#
            + #""worker":{"id":3,"pid":4711},"result":{"n":1},"meta":[1, 2]}"# + "\n"
        #expect(try record(user, RecordSink.Ending(outcome: .ok, status: 200), message: line) == expected)
    }

    @Test(
        arguments: [
            "http://h/", #"{"url":"http://h/a","id":-7}"#, #"{"url":"http://h/a","id":"x","meta":{}}"#,
            #"{"meta":[1, 2],"url":"http://h/\u0061"}"#, #"{"method":"POST","url":"http://h/","id":"x"}"#,
            #"{"url":"http://h/","headers":{"a":"b"}}"#,
        ],
        [
            #"{"seq":9,"status":204,"fields":{}}"#, #"{"seq":9,"result":[ ]}"#,
            #"{"seq":9,"status":200,"fields":{ "redirects":1 }}"#,
            #"{"seq":9,"status":301,"fields":{"redirects":0,"bytes":{"wire":1,"body":2}},"result":null}"#,
            #"{"seq":9,"status":200,"fields":{"redirects":1,"timing":{"total_ms":2.5}},"result":{"n":1}}"#,
        ]
    )
    func fastAndGeneralWriterWriteTheSameBytes(task: String, message text: String) throws {
        let line = Array(text.utf8)
        let message = try ResultMessage.of(line)
        // The numbers of this worker occur nowhere else in the record.
        let worker = WorkerView(id: WorkerID(slot: 31, life: 7), pid: 40_711)
        for fetches in [1, 17] {
            var (item, object) = try RunItem.sample(task, ordinal: 533)
            item.fetches = fetches
            var usual = RecordSink(clock: { 1_007 })
            var general = RecordSink(clock: { 1_007 })
            usual.writeFast(item.task, object.span, fetches: fetches, message, in: line.span, by: worker)
            let ending = RecordSink.Ending(outcome: .ok, status: message.status)
            general.writeCompleted(item, object.span, ending, message, in: line.span, by: worker)
            let (one, other) = (usual.takeLines(), general.takeLines())
            #expect(String(decoding: one, as: UTF8.self) == String(decoding: other, as: UTF8.self))
            #expect(usual.summary.outcomes == general.summary.outcomes)
        }
    }

    @Test(
        arguments: [
            (#""method":"POST""#, "POST"), (#""headers":{"a":"b"}"#, "GET"), (#""body":"""#, "GET"),
            (#""method":"HEAD","timeout_s":1"#, "HEAD"),
        ]
    )
    func aRecordHasTheMethodIfTheRequestIsMoreThanAPlainGET(members: String, method: String) throws {
        let ending = RecordSink.Ending(outcome: .ok, status: 200)
        let task = #"{"url":"http://h/",\#(members)}"#
        let start = #"{"v":1,"id":5,"url":"http://h/","method":"\#(method)","outcome":"ok","#
        #expect(try record(task, ending, message: line).hasPrefix(start))
        #expect(try !record(task, seq: 7, ending, message: line).contains("method"))
    }

    @Test(arguments: [#""timeout_s":1"#, #""headers":{}"#, #""method":"GET","idempotent":false"#])
    func theRecordOfAPlainGETHasNoMethod(members: String) throws {
        let ending = RecordSink.Ending(outcome: .ok, status: 200)
        #expect(
            try record(#"{"url":"http://h/",\#(members)}"#, ending, message: line).contains(
                #""http://h/","outcome""#
            )
        )
    }

    @Test func aSuccessForAParentCoordinatorLacksTheMembersThatOnlyTheParentMayWrite() throws {
        let expected =
            #"{"t":"result","seq":77,"record":{"outcome":"ok","status":200,\#(fields),"result":{"n":1}}}"#
            + "\n"
        let ending = RecordSink.Ending(outcome: .ok, status: 200)
        #expect(try record(user, seq: 77, ending, message: line) == expected)
    }

    @Test(
        arguments: [
            (
                RecordSink.Ending(
                    outcome: .httpError,
                    status: 404,
                    error: TaskError(.httpStatus, "it \"responded\"")
                ),
                #""outcome":"http_error","status":404,"attempt":1,"#
                    + #""error":{"class":"http_status","message":"it \"responded\"","retryable":false}"#
            ),
            (
                RecordSink.Ending(
                    outcome: .fetchError,
                    error: TaskError(.dns, "no such host", isRetryable: true)
                ),
                #""outcome":"fetch_error","attempt":1,"#
                    + #""error":{"class":"dns","message":"no such host","retryable":true}"#
            ),
        ]
    )
    func theRecordOfAFailureHasItsErrorClass(
        ending: RecordSink.Ending,
        inside: String
    ) throws {
        #expect(try record("http://h/", ending) == #"{"v":1,"id":5,"url":"http://h/",\#(inside)}"# + "\n")
        let result = try record("http://h/", seq: 8, ending)
        #expect(result == #"{"t":"result","seq":8,"record":{\#(inside)}}"# + "\n")
    }

    @Test func theRecordOfARefusedLineKeepsTheId() throws {
        let refused = try RefusedTask.of(#"{"url":"ftp://h/","id":7,"meta":null}"#, ordinal: 3)
        var sink = RecordSink()
        var results = RecordSink(ResultRecords())
        sink.write(refused)
        results.write(refused, reference: 12)
        let lines = (sink.takeLines() + results.takeLines()).split(separator: 0x0A).map {
            String(decoding: $0, as: UTF8.self)
        }
        try #require(lines.count == 2)
        #expect(
            lines[0].hasPrefix(
                #"{"v":1,"id":7,"url":"ftp://h/","outcome":"invalid","error":{"class":"scheme","message":"line 3: "#
            )
        )
        #expect(lines[0].hasSuffix(#","meta":null}"#))
        #expect(
            lines[1].hasPrefix(
                #"{"t":"result","seq":12,"record":{"outcome":"invalid","error":{"class":"scheme","#
            )
        )
        #expect(lines[1].hasSuffix("}}}"))
        #expect(sink.summary.outcomes == [.invalid: 1])
        #expect(results.summary.outcomes == [.invalid: 1])
    }

    @Test func aTaskThatNeverBeganIsCancelled() throws {
        var sink = RecordSink()
        let (item, object) = try RunItem.sample("http://h/", ordinal: 2)
        sink.write(item, object.span, .cancelled)
        let expected =
            #"{"v":1,"id":2,"url":"http://h/","outcome":"cancelled","error":{"class":"cancelled","#
            + #""message":"the run ended before this task did","retryable":false}}"# + "\n"
        #expect(String(decoding: sink.takeLines(), as: UTF8.self) == expected)
    }

    @Test func aChildCoordinatorsRecordGetsTheMissingMembersAndIsCounted() throws {
        let inside =
            #""outcome":"fetch_error","bytes":{"body":70},"timing":{"total_ms":4.0},"#
            + #""error":{"class":"tls","message":"m","retryable":false}"#
        var written: [UInt8] = []
        for seq in [nil, 6] {
            var sink = RecordSink(seq == nil ? LineRecords() : ResultRecords())
            let line = Array(#"{"seq":1,"record":{\#(inside)}}"#.utf8)
            let range = try #require(try ResultMessage.of(line).record)
            let read = RelayedRecord(range, in: line.span)
            let record = try #require(read)
            let (item, object) = try RunItem.sample(user, reference: seq ?? 0)
            let between = Array(line[range.lowerBound + 1..<range.upperBound - 1])
            let ending = RecordSink.Ending(outcome: record.outcome, error: record.error)
            sink.count(record.traffic)
            sink.write(item, object.span, made: record, ending, inside: between.span, by: .sample)
            written += sink.takeLines()
            #expect(sink.summary.outcomes == [.fetchError: 1])
            #expect(sink.summary.classes == [.tls: 1])
            #expect(sink.summary.bodyBytes == 70)
            #expect(sink.summary.latency.longest == 4)
            #expect(sink.summary.latency.total == 1)
        }
        let expected =
            #"{"v":1,"id":"x\u0041","url":"http://h/a",\#(inside),"worker":{"id":3,"pid":4711},"meta":[1, 2]}"#
            + "\n" + #"{"t":"result","seq":6,"record":{\#(inside)}}"# + "\n"
        #expect(String(decoding: written, as: UTF8.self) == expected)
    }

    @Test func theClockIsReadAtMostOncePerTurnOfTheLoop() throws {
        var looks = 0
        var sink = RecordSink(clock: {
            looks += 1
            return looks * 1_000
        })
        let (item, object) = try RunItem.sample("http://h/")
        let line = Array(#"{"seq":1,"status":204,"fields":{}}"#.utf8)
        let (message, ending) = (try ResultMessage.of(line), RecordSink.Ending(outcome: .ok, status: 204))
        for _ in 1...3 {
            sink.write(item, object.span, .cancelled)
            sink.forgetTime()
        }
        #expect(looks == 0)
        for turn in 1...3 {
            for _ in 1...2 {
                sink.writeCompleted(item, object.span, ending, message, in: line.span, by: .sample)
                sink.writeFast(item.task, object.span, fetches: 1, message, in: line.span, by: .sample)
            }
            #expect(sink.timeOfTurn() == turn * 1_000)
            sink.forgetTime()
        }
        let text = String(decoding: sink.takeLines(), as: UTF8.self)
        for turn in 1...3 {
            #expect(text.split(separator: #""fetched_at":"1970-01-01T00:00:0\#(turn).000Z","#).count == 5)
        }
    }

    @Test func theTimeOfRetryAfterIsSentToAParentCoordinatorButIsInNoRecord() throws {
        var ending = RecordSink.Ending(outcome: .httpError, status: 503, error: .ofStatus(503))
        ending.retryAfterSeconds = 1.5
        #expect(try !record("http://h/", ending).contains("retry_after"))
        let result = try record("http://h/", seq: 8, ending)
        #expect(
            result.hasPrefix(#"{"t":"result","seq":8,"retry_after_s":1.5,"record":{"outcome":"http_error""#)
        )
        #expect(try ResultMessage.of(Array(result.utf8.dropLast())).retryAfterSeconds == 1.5)
    }

    @Test func noLinesAreLeftAfterTakeLines() throws {
        var sink = RecordSink()
        #expect(sink.takeLines() == [])
        let (item, object) = try RunItem.sample("http://h/")
        sink.write(item, object.span, .cancelled)
        #expect(sink.pendingBytes > 0)
        #expect(sink.takeLines().count > 0)
        #expect(sink.pendingBytes == 0)
        #expect(sink.takeLines() == [])
    }

    @Test(
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func eachLineIsOneJSONObjectForAnyTexts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var sink = RecordSink(Bool.random(using: &random) ? LineRecords() : ResultRecords())
        let count = 50
        for number in 1...count {
            var ending = RecordSink.Ending(outcome: Outcome.allCases.randomElement(using: &random) ?? .ok)
            if Bool.random(using: &random) { ending.status = Int.random(in: 100...599, using: &random) }
            if ending.outcome != .ok { ending.error = TaskError(.processor, text(using: &random)) }
            var task = JSONWriter()
            task.beginObject()
            for name in ["url", "id", "meta"] where name == "url" || Bool.random(using: &random) {
                task.name(text: name)
                task.string(name == "url" ? "http://h/\u{e4}" : text(using: &random))
            }
            task.endObject()
            let line = String(decoding: task.bytes, as: UTF8.self)
            let (item, object) = try RunItem.sample(line, reference: number)
            var exit = WorkerExit(signal: Bool.random(using: &random) ? 11 : nil)
            let tail = text(using: &random)
            exit.errorTail = [tail, ""]
            sink.write(item, object.span, ending) { writer in
                writer.recordAttempt(1)
                writer.recordWorkerEnd(.crashed(exit))
            }
        }
        let lines = sink.takeLines().split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        #expect(lines.count == count + 1)
        for line in lines.dropLast() {
            let kind = try JSONScanner.document(in: line.span, range: 0..<line.count).kind
            #expect(kind == .object)
        }
        #expect(sink.summary.records == count)
    }

    private func text(using random: inout SeededGenerator) -> String {
        let parts = [
            "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1F}", "\u{7F}", "\u{2028}", "é", "😀", "a", "}", ",",
        ]
        return (0..<Int.random(in: 0...12, using: &random))
            .compactMap { _ in parts.randomElement(using: &random) }.joined()
    }
}
