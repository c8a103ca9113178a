// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite("Lines of input")
struct InputLineTests {
    private static func task(_ line: [UInt8]) throws -> InputTask {
        switch InputLine.read(line.span, ordinal: 7) {
        case .task(let task): return task
        case .refused(let refused): throw refused.error
        case .blank: throw TaskError(.json, "blank")
        }
    }

    private static func record(_ line: [UInt8]) -> String {
        guard case .refused(let refused) = InputLine.read(line.span, ordinal: 7) else { return "not refused" }
        var writer = JSONWriter()
        writer.writeRecord(of: refused)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "a bare URL loses its byte order mark and blanks",
        arguments: ["http://a/", "\u{FEFF}http://a/", " \thttp://a/ \r", "\u{FEFF} http://a/"]
    )
    func bareURL(_ line: String) throws {
        let task = try Self.task(Array(line.utf8))
        #expect(String(decoding: task.object, as: UTF8.self) == #"{"url":"http://a/"}"#)
        #expect(task.id == nil && task.meta == nil && task.isIdempotent && task.timeout == nil)
    }

    @Test("blank lines and comments ask for nothing", arguments: ["", " \t\r", "#", " # x", "\u{FEFF}"])
    func blank(_ line: String) {
        guard case .blank = InputLine.read(Array(line.utf8).span, ordinal: 1) else {
            Issue.record("not blank")
            return
        }
    }

    @Test(
        "id and meta lie where they stand",
        arguments: [#""a\u0062""#, "17", "-5", "123456789012345678901234567890"]
    )
    func parts(_ id: String) throws {
        let line = #"{"meta":{ "x":[1.0] },"id":\#(id),"url":"http://a/","timeout_s":1.5,"method":"POST"}"#
        let task = try Self.task(Array(line.utf8))
        #expect(String(decoding: task.object[try #require(task.id)], as: UTF8.self) == id)
        #expect(String(decoding: task.object[try #require(task.meta)], as: UTF8.self) == #"{ "x":[1.0] }"#)
        #expect(task.timeout == .milliseconds(1_500) && !task.isIdempotent)
    }

    @Test(
        "idempotent overrides the method",
        arguments: [
            ("GET", "false", false), ("POST", "true", true), ("PATCH", "false", false),
            ("DELETE", "true", true),
        ]
    )
    func idempotent(method: String, word: String, expected: Bool) throws {
        let line = #"{"url":"http://a/","method":"\#(method)","idempotent":\#(word)}"#
        #expect(try Self.task(Array(line.utf8)).isIdempotent == expected)
    }

    @Test(
        "a member of another type or range is refused",
        arguments: [
            #""id":1.5"#, #""id":1e2"#, #""id":null"#, #""id":[]"#, #""id":true"#, #""method":5"#,
            #""method":"get""#, #""method":"CONNECT""#,
            #""headers":[]"#, #""headers":{"a":1}"#, #""headers":{"a":"x\r"}"#,
            #""headers":{"a":"x\u000ay"}"#, #""headers":{"a":"\u0000"}"#,
            #""headers":{"a b":"x"}"#, #""headers":{"":"x"}"#, #""headers":{"a:":"x"}"#,
            #""headers":{"Content-Length":"1"}"#,
            #""headers":{"transfer-ENCODING":"x"}"#, #""body":1"#, #""body":"\ud800""#, #""body_base64":"a""#,
            #""body_base64":1"#,
            #""body":"","body_base64":"""#, #""timeout_s":0"#, #""timeout_s":0.0009"#,
            #""timeout_s":86400.1"#, #""timeout_s":-1"#,
            #""timeout_s":"1""#, #""timeout_s":1e999"#, #""idempotent":1"#, #""idempotent":null"#,
        ]
    )
    func refusedMember(_ member: String) {
        let line = Array(#"{"url":"http://a/",\#(member)}"#.utf8)
        guard case .refused(let refused) = InputLine.read(line.span, ordinal: 7) else {
            Issue.record("not refused")
            return
        }
        #expect(refused.error.errorClass == .json)
        #expect(refused.error.message.hasPrefix("line 7: "))
        #expect(refused.url == Array(#""http://a/""#.utf8))
    }

    @Test("a task's body, headers and time-out are read")
    func fetchTask() throws {
        let object = Array(
            #"{"url":"http://a/","method":"PUT","headers":{"A":"b\"","a":""},"body_base64":"Zm9v","timeout_s":86400}"#
                .utf8
        )
        let task = try FetchTask(reading: object.span)
        #expect(task.method == .put && task.isIdempotent && task.body == Array("foo".utf8))
        #expect(task.headers == [HeaderField(name: "A", value: "b\""), HeaderField(name: "a", value: "")])
        #expect(task.timeout == .seconds(86_400))
    }

    @Test("a refused line keeps its id, url and meta in the record")
    func refusedRecord() {
        let line = Array(#"{"id":"x","meta":[1],"url":"http://a/","idempotent":1}"#.utf8)
        #expect(
            Self.record(line)
                == #"{"v":1,"id":"x","url":"http://a/","outcome":"invalid","error":{"class":"json","message":"line 7: \"idempotent\" must be true or false","retryable":false},"meta":[1]}"#
                + "\n"
        )
    }

    @Test("a refused id leaves the line's number, and the rest stands")
    func refusedID() {
        #expect(
            Self.record(Array(#"{"id":[],"url":"http://a/","meta":1}"#.utf8))
                == #"{"v":1,"id":7,"url":"http://a/","outcome":"invalid","error":{"class":"json","message":"line 7: \"id\" must be a string or an integer","retryable":false},"meta":1}"#
                + "\n"
        )
    }

    @Test("no url, no JSON and no UTF-8 are refused with their place")
    func unusableLines() {
        #expect(Self.record(Array("{}".utf8)).contains(#"line 7: the task has no \"url\""#))
        #expect(Self.record(Array("{".utf8)).contains("line 7: not valid JSON: "))
        #expect(Self.record([0x20, 0x61, 0xFF]).contains("line 7: not valid UTF-8 at byte 2"))
    }
}
