// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite struct RecordTests {
    private static func fields(_ fields: String) throws -> String {
        let line = Array(#"{"seq":1,"fields":{\#(fields)}}"#.utf8)
        guard case .result(let message) = try WorkerMessage.read(line.span) else { return "" }
        var writer = JSONWriter()
        writer.beginObject()
        writer.recordFields(
            try #require(message.fields),
            timing: message.timing,
            in: line.span,
            processMicroseconds: 1_500
        )
        writer.recordAttempt(1)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            (
                #""redirects":1,"timing":{"tls_ms":1}"#,
                #"{"redirects":1,"timing":{"tls_ms":1,"process_ms":1.5},"attempt":1}"#
            ),
            (
                #""timing":{"tls_ms":1 } ,"redirects":1"#,
                #"{"timing":{"tls_ms":1,"process_ms":1.5} ,"redirects":1,"attempt":1}"#
            ),
            (#""redirects":1"#, #"{"redirects":1,"timing":{"process_ms":1.5},"attempt":1}"#),
            (#""timing":{ }"#, #"{"timing":{"process_ms":1.5},"attempt":1}"#),
            (" ", #"{"timing":{"process_ms":1.5},"attempt":1}"#),
        ]
    )
    func theProcessingTimeIsAddedToTiming(fields: String, expected: String) throws {
        #expect(try Self.fields(fields) == expected)
    }

    @Test(arguments: [nil, "[1]"])
    func aRecordHasAllItsMembersInOrder(meta: String?) {
        let fields = Array(#""redirects":1"#.utf8)
        var writer = JSONWriter()
        writer.beginRecord(
            id: Array("17".utf8).span,
            url: Array(#""u""#.utf8).span,
            outcome: .httpError,
            status: 404
        )
        writer.recordFields(0..<fields.count, timing: nil, in: fields.span)
        writer.recordAttempt(2)
        writer.recordWorker(id: 0, pid: 4711)
        writer.recordProcessor(name: "links", id: 1, pid: 4715)
        writer.recordError(TaskError(.httpStatus, "404", isRetryable: true))
        writer.recordResult(Array("{}".utf8).span)
        if let meta { writer.endRecord(meta: Array(meta.utf8).span) } else { writer.endRecord(meta: nil) }
        let expected =
            #"{"v":1,"id":17,"url":"u","outcome":"http_error","status":404,"redirects":1,"attempt":2,"worker":{"id":0,"pid":4711},"#
            + #""processor":{"name":"links","id":1,"pid":4715},"error":{"class":"http_status","message":"404","retryable":true},"result":{}"#
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == expected
                + (meta.map { #","meta":\#($0)"# } ?? "") + "}\n"
        )
    }

    @Test(arguments: Outcome.allCases)
    func anOutcomeIsWrittenAsItsRawValue(outcome: Outcome) {
        #expect(outcome.word.description == outcome.rawValue)
    }
}
