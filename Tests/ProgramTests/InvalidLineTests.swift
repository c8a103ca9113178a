// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of input lines that are not valid tasks.
@Suite(.ownThread)
struct InvalidLineTests {
    /// An invalid line, the expected error class, and an expected part of the error message.
    ///
    /// The part comes after the line's number.
    struct BadLine: Sendable {
        let bytes: [UInt8]
        let errorClass: String
        let says: String

        init(_ text: String, _ errorClass: String, _ says: String) {
            self.init(Array(text.utf8), errorClass, says)
        }

        init(_ bytes: [UInt8], _ errorClass: String, _ says: String) {
            (self.bytes, self.errorClass, self.says) = (bytes, errorClass, says)
        }
    }

    private static let lines = [
        BadLine("not a url", "scheme", "'not a url' is no URL"),
        BadLine("example.com/x", "scheme", "no scheme; write https://example.com/x"),
        BadLine("\"http://127.0.0.1/\"", "url", "the URL stands in quotes"),
        BadLine("id,url", "scheme", "'id,url' is no URL"),
        BadLine("ftp://127.0.0.1/", "scheme", "the scheme 'ftp' is not supported"),
        BadLine("http://?path", "url", "host"),
        BadLine("http://127.0.0.1:x/", "url", "the port is not a number"),
        BadLine(Array("http://127.0.0.1/".utf8) + [0xFF], "url", "not valid UTF-8 at byte 18"),
        BadLine(#"{"url":"#, "json", "not valid JSON: the text ends where a value should be"),
        BadLine(#"{"url":"data:,a"} x"#, "json", "not valid JSON"),
        BadLine("{\"url\":\"data:,a\",\"body\":\"\u{1}\"}", "json", "a control character in a string"),
        BadLine("{}", "json", #"no "url""#),
        BadLine(#"{"url":5}"#, "json", #""url" must be a string"#),
        BadLine(#"{"url":"data:,a","id":5.5}"#, "json", #""id" must be a string or an integer"#),
        BadLine(#"{"url":"data:,a","timeout_s":"x"}"#, "json", #""timeout_s" must be a number of seconds"#),
        BadLine(#"{"url":"data:,a","method":"FETCH"}"#, "json", "unknown method 'FETCH'; use one of GET"),
        BadLine(#"{"url":"data:,a","headers":["A"]}"#, "json", #""headers" must be an object of strings"#),
        BadLine(#"{"url":"data:,a","headers":{"A":"b\r\nC: d"}}"#, "json", "header 'A' holds a line break"),
        BadLine(
            #"{"url":"data:,a","headers":{"A":"b\u007fc"}}"#,
            "json",
            "header 'A' holds a control character"
        ),
        BadLine(#"{"url":"data:,a","headers":{"A b":"c"}}"#, "json", "header name 'A b' is not a token"),
        BadLine(
            #"{"url":"data:,a","headers":{"content-length":"1"}}"#,
            "json",
            "is set by fetchpool; leave it out"
        ),
        BadLine(
            #"{"url":"data:,a","headers":{"Content_Length":"1"}}"#,
            "json",
            "header 'Content_Length' is set"
        ),
        BadLine(
            #"{"url":"data:,a","headers":{"Upgrade":"h2c"}}"#,
            "json",
            "header 'Upgrade' asks to change the protocol"
        ),
        BadLine(#"{"url":"data:,a","body":"a","body_base64":"YQ=="}"#, "json", "not both"),
    ]

    @Test(arguments: [("fetchpool", Int32(1)), ("fetchpool-fetch", 0)])
    func eachInvalidLineHasOneRecordThatNamesTheLine(program: String, status: Int32) throws {
        var input: [UInt8] = []
        for line in Self.lines { input += line.bytes + [0x0A] }
        // The two blank lines and the comment give no records, but count as lines.
        input += Array("\n  # a comment\n\ndata:,the%20end".utf8)
        let finished = try RunningProgram(program).finish(input)
        let records = try finished.records.sorted { (Int($0.id) ?? 0) < (Int($1.id) ?? 0) }
        let last = Self.lines.count + 4
        #expect(records.sortedIDs == Array(1...Self.lines.count) + [last])
        for (record, line) in zip(records, Self.lines) {
            #expect(record.outcome == "invalid")
            #expect(record.errorClass == line.errorClass, "\(record.errorMessage)")
            #expect(record.errorMessage.hasPrefix("line \(record.id): "))
            #expect(record.errorMessage.contains(line.says), "\(record.errorMessage)")
        }
        #expect(records.last?.outcome == "ok")
        #expect(finished.end == .status(status))
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func onlyLinesOverTheLimitAreRefused(program: String) throws {
        let limit = 8 << 20
        let start = #"{"url":"data:,a","unknown":""#
        let fill = String(repeating: "u", count: limit - start.utf8.count - 2)
        let longest = start + fill + #""}"#
        let input = longest + " \n" + longest + "\n" + longest + longest + "\ndata:,b\n"
        let records = try RunningProgram.run(program, input: input).records
        #expect(records.sortedIDs == [1, 2, 3, 4])
        for record in records {
            let isLong = ["1", "3"].contains(record.id)
            #expect(record.outcome == (isLong ? "invalid" : "ok"), "line \(record.id)")
            #expect(record.errorClass == (isLong ? "line_too_long" : nil))
            if isLong { #expect(record.errorMessage == "line \(record.id): longer than 8 MiB") }
        }
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func aRefusedTaskKeepsItsIdAndItsMeta(program: String) throws {
        let input = #"{"url":"ftp://h/","id":"mine","meta":{"a":[1]}}"#
        let record = try #require(RunningProgram.run(program, input: input).records.first)
        #expect(
            try record.comparable
                == #"{"error":{"class":"scheme","message":"line 1: the scheme 'ftp' is not supported; use http, "#
                + #"https or data","retryable":false},"id":"mine","meta":{"a":[1]},"outcome":"invalid","#
                + #""url":"ftp:\/\/h\/","v":1}"#
        )
    }
}
