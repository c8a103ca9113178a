// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@Suite struct WorkerMessageTests {
    static func read(_ line: String) throws -> WorkerMessage {
        try WorkerMessage.read(Array(line.utf8).span)
    }

    static func result(_ line: String) throws -> ResultMessage {
        guard case .result(let result) = try read(line) else { throw JSONSyntaxError("no result", at: 0) }
        return result
    }

    private static func roundTrip(_ write: (inout JSONWriter) -> Void) throws -> WorkerMessage {
        var writer = JSONWriter()
        write(&writer)
        return try read(writer.bytes.dropLast().text)
    }

    @Test func writtenMessagesCanBeRead() throws {
        let hello = Hello(version: 1, pid: 4711, name: "n\"é", concurrency: 4, processors: ["links", "text"])
        #expect(try Self.roundTrip { $0.writeHello(hello) } == .hello(hello))
        #expect(try Self.roundTrip { $0.writeHello(Hello()) } == .hello(Hello()))
        #expect(try Self.roundTrip { $0.writeStart(seq: 17) } == .start(seq: 17))
        #expect(try Self.roundTrip { $0.writeReturned(seq: 0) } == .returned(seq: 0))
        #expect(
            try Self.roundTrip { $0.writeBeat(Beat(rssKB: 5, hwmKB: 7, inFlight: 2)) }
                == .beat(Beat(rssKB: 5, hwmKB: 7, inFlight: 2))
        )
        #expect(try Self.roundTrip { $0.writeBeat(Beat()) } == .beat(Beat()))
        let full = Beat(inFlight: 0, segment: SegmentName(worker: 3, number: 8), isSpoolFull: true)
        #expect(try Self.roundTrip { $0.writeBeat(full) } == .beat(full))
        let broken = Beat(inFlight: 1, isSpoolFull: true, spoolFault: "the \"spool\" is gone")
        #expect(try Self.roundTrip { $0.writeBeat(broken) } == .beat(broken))
        #expect(try Self.roundTrip { $0.writeBye(reason: "max_rss") } == .bye(reason: "max_rss"))
        #expect(
            try Self.roundTrip { $0.writeResultMessage(seq: 3) { _ in } } == .result(ResultMessage(seq: 3))
        )
    }

    @Test(arguments: [true, false])
    func anErrorSaysWhetherTheRequestWasSent(wasSent: Bool) throws {
        let message = try Self.roundTrip { writer in
            writer.beginResultMessage(seq: 3)
            writer.error(class: "connect", message: "nobody", retryable: true, wasSent: wasSent)
            writer.endResultMessage()
        }
        guard case .result(let result) = message else {
            Issue.record("\(message) is no result")
            return
        }
        #expect(result.wasSent == wasSent && result.isRetryable)
    }

    @Test func theRangesOfAResultReferToItsLine() throws {
        let line =
            #"{"seq":17,"status":503,"retry_after_s":1.5,"error":{"class":"re\u0073et","message":"a\"b","retryable":true},"#
            + #""fields":{ "bytes":{"wire":8,"body":9},"timing":{"total_ms":2.5,"dns_ms":1}},"result":[1, 2],"response":{"bytes":3,"body":"abc"}}"#
        let result = try Self.result(line)
        func part(_ range: Range<Int>?) -> String? { range.map { Array(Array(line.utf8)[$0]).text } }
        #expect(result.seq == 17 && result.status == 503 && result.retryAfterSeconds == 1.5)
        #expect(result.errorClass.flatMap { Array(line.utf8).text(of: $0) } == Array("reset".utf8))
        #expect(result.isRetryable && result.wasSent)
        #expect(part(result.errorMessage) == #""a\"b""#)
        #expect(part(result.fields) == #" "bytes":{"wire":8,"body":9},"timing":{"total_ms":2.5,"dns_ms":1}"#)
        #expect(part(result.timing) == #"{"total_ms":2.5,"dns_ms":1}"#)
        #expect(result.totalMilliseconds == 2.5 && result.lookupMilliseconds == 1 && result.bodyBytes == 9)
        #expect(part(result.result) == "[1, 2]")
        #expect(part(result.response) == #"{"bytes":3,"body":"abc"}"#)
        #expect(result.body == .inline(bytes: 3))
    }

    @Test(
        arguments: [
            #"{"seq":1}"#, #"{"\u0073eq":1}"#, #"{"t":"r\u0065sult","seq":1}"#, #" {"seq":2,"seq":1} "#,
        ]
    )
    func aResultMayOmitTAndEscapeNames(_ line: String) throws {
        #expect(try Self.read(line) == .result(ResultMessage(seq: 1)))
    }

    @Test(
        arguments: [
            "", "x", "[]", "1", "{}", #"{"seq":1}}"#, #"{"seq":1"#, #"{"seq":-1}"#, #"{"seq":1.5}"#,
            #"{"seq":1e2}"#, #"{"seq":9007199254740992}"#,
            #"{"seq":"1"}"#, #"{"seq":null}"#, #"{"t":"result"}"#, #"{"t":"start"}"#,
            #"{"t":"returned","seq":-1}"#,
            #"{"seq":1,"fields":{"outcome":"ok"}}"#, #"{"seq":1,"fields":{"\u0069d":1}}"#,
            #"{"seq":1,"fields":[]}"#, #"{"seq":1,"fields":{"timing":1}}"#, #"{"seq":1,"status":2e2}"#,
            #"{"seq":1,"error":"x"}"#, #"{"seq":1,"record":[]}"#, #"{"seq":1,"response":[]}"#,
            #"{"seq":1,"response":{}}"#,
        ]
    )
    func anUnusableLineIsAnError(_ line: String) {
        #expect(throws: JSONSyntaxError.self) { try Self.read(line) }
    }

    @Test func invalidUTF8InAnUnknownMemberIsAnError() {
        let line = Array(#"{"seq":1,"x":"#.utf8) + [0x22, 0xFF, 0x22, 0x7D]
        #expect(throws: JSONSyntaxError("invalid UTF-8", at: 14)) { try WorkerMessage.read(line.span) }
    }

    @Test(
        arguments: ["init", "task", "recall", "cancel", "drain"]
    )
    func aMessageOfACoordinatorIsAnEcho(_ type: String) throws {
        #expect(try Self.read(#"{"t":"\#(type)","seq":1,"task":{},"response":{"body_path":"/x"}}"#) == .echo)
    }

    @Test(
        arguments: [#""log""#, "5", #""Result""#, #""\ud800""#]
    )
    func aMessageWithoutAKnownTypeIsUnknown(_ type: String) throws {
        #expect(
            try Self.read(#"{"t":\#(type),"seq":-1,"error":"x","fields":1,"response":2,"record":3}"#)
                == .unknown
        )
    }

    @Test(
        arguments: [
            #""t":null"#, #""error":null"#, #""record":null"#, #""response":null"#, #""fields":null"#,
            #""status":null"#,
            #""retry_after_s":null"#, #""sent":null"#,
        ]
    )
    func aMemberThatIsNullCountsAsMissing(_ member: String) throws {
        var expected = ResultMessage(seq: 1)
        let line = #"{"seq":1,"result":null,\#(member)}"#
        expected.result = 18..<22
        #expect(try Self.result(line) == expected)
        let failed = try Self.result(
            #"{"seq":1,"result":null,"error":{"class":null,"message":"m","retryable":null,"sent":null}}"#
        )
        #expect(failed.error != nil && failed.errorMessage != nil)
        #expect(failed.errorClass == nil && !failed.isRetryable && failed.wasSent)
    }

    @Test func aMemberOfFieldsThatIsNullCountsAsMissing() throws {
        let line = Array(
            #"{"seq":1,"status":200,"fields":{"final_url":null,"redirects":0,"remote_ip":null,"bytes":{"wire":null,"body":5},"timing":{"dns_ms":null,"connect_ms":null,"total_ms":2}},"x":null}"#
                .utf8
        )
        let short = Array(
            #"{"seq":1,"status":200,"fields":{"redirects":0,"bytes":{"body":5},"timing":{"total_ms":2}},"x":null}"#
                .utf8
        )
        let result = try Self.result(line.text)
        #expect(result.needsCopy && !result.hasPeer && !result.hasConnected)
        #expect(result.bodyBytes == 5 && result.wireBytes == nil && result.totalMilliseconds == 2)
        #expect(result.lineWithoutNullFields(line.span).text == short.text)
        #expect(try !Self.result(short.text).needsCopy)
        let without = try Self.result(
            #"{"seq":1,"status":200,"fields":{"timing":null,"redirect_chain":null}}"#
        )
        #expect(without.needsCopy && without.timing == nil)
    }

    @Test func theLastOfTwoMembersWithTheSameNameCounts() throws {
        let result = try Self.result(
            #"{"seq":1,"fields":{"timing":{"total_ms":1}},"fields":{},"error":{"class":"dns","retryable":true},"error":{}}"#
        )
        #expect(result.timing == nil && result.totalMilliseconds == nil)
        #expect(result.errorClass == nil && !result.isRetryable)
    }

    @Test(
        arguments: [
            (#""redirects":0,"http_version":"2""#, true), (#""http_version":"2""#, true),
            (#""http_version":"\u0032","redirects":0"#, true), (#""redirects":1,"http_version":"2""#, false),
            (#""redirects":0,"http_version":"1.1""#, false),
            (#""redirects":0"#, false),
        ]
    )
    func aResultOverHTTP2WithoutRedirectsIsMultiplexed(
        fields: String,
        isMultiplexed: Bool
    ) throws {
        let line = #"{"t":"result","seq":1,"status":200,"fields":{"final_url":"x",\#(fields)}}"#
        #expect(try Self.result(line).isMultiplexed == isMultiplexed)
        guard case .result(let general) = try WorkerMessage.readAny(Array(line.utf8).span) else {
            Issue.record("no result")
            return
        }
        #expect(general.isMultiplexed == isMultiplexed)
    }

    /// If one of these members were accepted, the record of the task would break the schema of records.
    @Test(arguments: [
        (#""http_version":"HTTP/1.1""#, "http_version is not"), (#""http_version":2"#, "http_version is not"),
        (#""headers":[["a","b"]]"#, "headers is not an array of objects with name and value"),
        (#""headers":{"a":"b"}"#, "headers is not"),
        (#""headers":[{"name":"a","value":1}]"#, "headers is not"),
        (#""redirects":1,"redirect_chain":["u"]"#, "redirect_chain is not"),
        (#""redirects":1,"redirect_chain":[{"url":"u","status":"302"}]"#, "redirect_chain is not"),
        (#""redirects":1,"redirect_chain":[{"url":"u","status":200}]"#, "redirect_chain is not"),
        (#""redirects":"1""#, "redirects is not a whole number"), (#""redirects":-1"#, "redirects is not"),
        (#""redirects":1,"redirect_chain":[]"#, "redirect_chain is not"),
        (#""timing":{"process_ms":1}"#, "timing holds an unknown name"),
        (#""bytes":{"wire":1,"body":1,"head":1}"#, "bytes holds an unknown name"),
        (#""bytes":7"#, "bytes is not an object"),
        (#""bytes":{"wire":-1,"body":1}"#, "bytes.wire is not a whole number"),
        (#""timing":{"total_ms":"2"}"#, "timing.total_ms is not a number of 0 or more"),
        (#""timing":{"dns_ms":-1,"total_ms":2}"#, "timing.dns_ms is not"),
        (#""insecure":1"#, "insecure is not true"), (#""remote_ip":1"#, "remote_ip is not a string"),
        (#""content_type":[]"#, "content_type is not a string"),
        (#""final_\u0075rl":"y""#, "fields holds final_url twice"),
        (#""remote_ip":null,"remote_ip":"::1""#, "fields holds remote_ip twice"),
        (#""bytes":{"body":1,"body":2}"#, "bytes holds body twice"),
        (#""timing":{"tls_ms":1,"total_ms":2,"tls_ms":3}"#, "timing holds tls_ms twice"),
        (#""headers":[{"name":"a","name":"b","value":"c"}]"#, "headers is not an array of objects"),
        (#""redirect_chain":[{"url":"u","url":"v","status":302}]"#, "redirect_chain is not"),
    ])
    func anInvalidMemberOfFieldsIsAnErrorThatNamesIt(fields: String, reason: String) throws {
        let line = #"{"t":"result","seq":1,"status":200,"fields":{"final_url":"x",\#(fields)}}"#
        let error = try #require(throws: JSONSyntaxError.self) { try Self.read(line) }
        #expect(error.reason.hasPrefix(reason), "\(error)")
    }

    @Test(arguments: [#""200""#, "200.0", "-1", "true"])
    func anErrorSaysThatTheStatusIsNoWholeNumber(status: String) throws {
        let error = try #require(throws: JSONSyntaxError.self) {
            try Self.read(#"{"t":"result","seq":1,"status":\#(status)}"#)
        }
        #expect(error.reason == "status is not a whole number")
        // A result of a worker that processes responses needs no status, so an invalid status counts as
        // missing.
        #expect(try Self.result(#"{"seq":1,"status":\#(status),"result":7}"#).status == nil)
    }

    @Test func fieldsWithOnlyBlanksAreEmpty() throws {
        #expect(try Self.result(#"{"seq":1,"fields":{ }}"#).fields?.isEmpty == true)
    }

    @Test(
        arguments: [("0", 0), ("1e300", 1e9), ("1e999", 1e9), ("-1", nil), ("\"1\"", nil)]
            as [(String, Double?)]
    )
    func retryAfterIsBounded(text: String, expected: Double?) throws {
        #expect(try Self.result(#"{"seq":1,"retry_after_s":\#(text)}"#).retryAfterSeconds == expected)
    }

    @Test func helloIgnoresInvalidMembers() throws {
        let line =
            #"{"t":"hello","v":2,"pid":"x","name":5,"concurrency":0,"processors":["a",1,"b"],"new":[]}"#
        #expect(try Self.read(line) == .hello(Hello(version: 2, processors: ["a", "b"])))
    }

    // MARK: Places of response bodies

    @Test func aPlaceInASegmentHasTheRangeOfItsMemberBodySegment() throws {
        let line = #"{"seq":1,"response":{"bytes":9,"body_segment":"3-7","body_offset":5}}"#
        guard case .spooled(let name, 5, 9, let member)? = try Self.result(line).body else {
            Issue.record("no place")
            return
        }
        #expect(name == SegmentName(worker: 3, number: 7))
        #expect(Array(Array(line.utf8)[member]).text == #""body_segment":"3-7""#)
    }

    @Test(
        arguments: [
            #""body_segment":"../x""#, #""body_segment":"3-7-1""#, #""body_segment":"-7""#,
            #""body_segment":"3-""#, #""body_segment":"""#,
            #""body_segment":"1234567890-1""#, #""body_segment":"1-1234567890""#, #""body_segment":"3-7 ""#,
            #""body_segment":"3""#, #""body_segment":7"#,
            #""body_segment":"3-7","body_offset":-1"#, #""body_segment":"3-7","body_offset":"0""#,
            #""body_segment":"3-7","body_path":"/etc/passwd""#,
            #""body_path":"/etc/passwd""#, #""body":"x","body_segment":"3-7""#, #""body":5"#,
            #""bytes":-1,"body":"""#,
        ]
    )
    func anInvalidPlaceIsRefused(_ place: String) {
        #expect(throws: JSONSyntaxError.self) {
            try Self.read(#"{"seq":1,"response":{"bytes":1,\#(place)}}"#)
        }
    }

    @Test(arguments: [(0, 0), (3, 7), (999_999_999, 999_999_999)])
    func aWrittenSegmentNameCanBeRead(worker: Int, number: Int) {
        let name = SegmentName(worker: worker, number: number)
        #expect(SegmentName(Array(name.description.utf8).span) == name)
    }
}
