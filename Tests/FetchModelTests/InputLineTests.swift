// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite struct InputLineTests {
    private static func task(_ line: [UInt8]) throws -> InputTask {
        switch InputLine.read(line.span, ordinal: 7) {
        case .task(let task): return task
        case .refused(let refused): throw refused.error
        case .blank: throw TaskError(.json, "blank")
        }
    }

    private static func fetchTask(_ object: [UInt8]) throws -> FetchTask {
        try FetchTask(reading: object.span)
    }

    private static func record(_ line: [UInt8]) -> String {
        guard case .refused(let refused) = InputLine.read(line.span, ordinal: 7) else { return "not refused" }
        var writer = JSONWriter()
        writer.writeRecord(of: refused)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: ["\u{85}", "\u{2028}"])
    func aLineThatIsTooLongWithEscapesIsRefused(character: String) throws {
        let text = String(repeating: character, count: (8 << 20) / 3)
        let line = Array("{\"url\":\"http://a/\",\"id\":7,\"meta\":\"\(text)\"}".utf8)
        guard case .refused(let refused) = InputLine.read(line.span, ordinal: 3) else {
            Issue.record("the line is a task")
            return
        }
        #expect(refused.error.errorClass == .lineTooLong)
        #expect(refused.error.message.hasPrefix("line 3: longer than 8 MiB on one line; write its U+0085"))
    }

    @Test(
        arguments: ["http://a/", "\u{FEFF}http://a/", " \thttp://a/ \r", "\u{FEFF} http://a/"]
    )
    func aBareURLLosesItsByteOrderMarkAndBlanks(_ line: String) throws {
        let task = try Self.task(Array(line.utf8))
        #expect(String(decoding: task.object, as: UTF8.self) == #"{"url":"http://a/"}"#)
        #expect(task.id == nil && task.meta == nil && task.isIdempotent && task.timeout == nil)
    }

    @Test(arguments: ["http://a/\rhttp://b/", "http://a/\r\r# x\r", "a\rb"])
    func aTextWithCarriageReturnsButNoLineFeedsIsRefused(text: String) throws {
        guard case .refused(let refused) = InputLine.read(Array(text.utf8).span, ordinal: 1) else {
            Issue.record("the text is not refused")
            return
        }
        #expect(refused.error.errorClass == .url)
        #expect(refused.error.message.contains("line 1: the text holds carriage returns without line feeds"))
    }

    /// Only the last `headers` counts, so the first may nest deeply.
    ///
    /// If each of its levels were copied, the time would grow with the number of levels.
    @Test func nullsInTasksWithDeepValuesCostLittleTime() {
        let levels = 450
        let deep =
            String(repeating: #"{"a":"#, count: levels) + #""\#(String(repeating: "x", count: 1 << 20))""#
            + String(repeating: "}", count: levels)
        func time(ofID id: String) -> Duration {
            let line = Array(#"{"url":"data:,x","id":\#(id),"headers":\#(deep),"headers":{}}"#.utf8)
            let times = (0..<5).map { _ in
                ContinuousClock().measure {
                    guard case .task = InputLine.read(line.span, ordinal: 1) else {
                        Issue.record("the line is not a task")
                        return
                    }
                }
            }
            return times.min() ?? .zero
        }
        #expect(time(ofID: "null") < time(ofID: "1") * 10)
    }

    /// `find -print0`, `xargs -0` and `jq --raw-output0` use zero bytes in place of line feeds.
    @Test(
        arguments: [
            ("http://a/\0http://b/\0", ErrorClass.url), ("data:,a\0", .url), ("\0http://a/", .url),
            ("http://a/\rhttp://b/\0", .url), ("# list\0http://a/\0http://b/\0", .url),
            (#"{"url":"http://a/"}"# + "\0" + #"{"url":"http://b/"}"#, .json),
        ]
    )
    func aTextWithZeroBytesIsRefused(text: String, errorClass: ErrorClass) throws {
        guard case .refused(let refused) = InputLine.read(Array(text.utf8).span, ordinal: 1) else {
            Issue.record("the text is not refused")
            return
        }
        #expect(refused.error.errorClass == errorClass && refused.concernsWholeInput)
        #expect(
            refused.error.message
                == #"line 1: the text holds zero bytes in place of line feeds; convert the file with tr '\0' '\n'"#
        )
    }

    @Test(arguments: ["http://a/x?b=1\tlabel", "http://a/\thttp://b/", "data:,a\tb"])
    func aTabInsideAURLIsRefused(line: String) throws {
        guard case .refused(let refused) = InputLine.read(Array(line.utf8).span, ordinal: 3) else {
            Issue.record("\(line) is a task")
            return
        }
        #expect(refused.error.errorClass == .url)
        #expect(refused.error.message.hasPrefix("line 3: the URL contains a tab; remove"))
    }

    @Test func anEscapedNullCharacterInJSONIsAllowed() throws {
        #expect(try Self.task(Array(#"{"url":"http://a/\u0000"}"#.utf8)).host.name == "a")
    }

    @Test(arguments: ["", " \t\r", "#", " # x", "\u{FEFF}"])
    func blankLinesAndCommentsAreNotTasks(_ line: String) {
        guard case .blank = InputLine.read(Array(line.utf8).span, ordinal: 1) else {
            Issue.record("the line is not blank")
            return
        }
    }

    @Test(
        arguments: [#""a\u0062""#, "17", "-5", "123456789012345678901234567890"]
    )
    func theRangesOfIDAndMetaReferToTheObject(_ id: String) throws {
        let line = #"{"meta":{ "x":[1.0] },"id":\#(id),"url":"http://a/","timeout_s":1.5,"method":"POST"}"#
        let task = try Self.task(Array(line.utf8))
        #expect(String(decoding: task.object[try #require(task.id)], as: UTF8.self) == id)
        #expect(String(decoding: task.object[try #require(task.meta)], as: UTF8.self) == #"{ "x":[1.0] }"#)
        #expect(task.timeout == .milliseconds(1_500) && !task.isIdempotent)
    }

    @Test(
        arguments: [
            ("GET", "false", false), ("POST", "true", true), ("PATCH", "false", false),
            ("DELETE", "true", true),
        ]
    )
    func idempotentOverridesTheMethod(method: String, word: String, expected: Bool) throws {
        let line = #"{"url":"http://a/","method":"\#(method)","idempotent":\#(word)}"#
        #expect(try Self.task(Array(line.utf8)).isIdempotent == expected)
    }

    @Test(
        arguments: [
            #""id":1.5"#, #""id":1e2"#, #""id":[]"#, #""id":true"#, #""method":5"#,
            #""method":"get""#, #""method":"CONNECT""#,
            #""headers":[]"#, #""headers":{"a":1}"#, #""headers":{"a":"x\r"}"#,
            #""headers":{"a":"x\u000ay"}"#, #""headers":{"a":"\u0000"}"#,
            #""headers":{"a b":"x"}"#, #""headers":{"":"x"}"#, #""headers":{"a:":"x"}"#,
            #""headers":{"Content-Length":"1"}"#,
            #""headers":{"transfer-ENCODING":"x"}"#, #""body":1"#, #""body":"\ud800""#, #""body_base64":"a""#,
            #""body_base64":1"#,
            #""body":"","body_base64":"""#, #""timeout_s":0"#, #""timeout_s":0.0009"#,
            #""timeout_s":86400.1"#, #""timeout_s":-1"#,
            #""timeout_s":"1""#, #""timeout_s":1e999"#, #""idempotent":1"#, #""idempotent":"null""#,
        ]
    )
    func aMemberWithAnInvalidValueIsRefused(_ member: String) {
        let line = Array(#"{"url":"http://a/",\#(member)}"#.utf8)
        guard case .refused(let refused) = InputLine.read(line.span, ordinal: 7) else {
            Issue.record("the line is not refused")
            return
        }
        #expect(refused.error.errorClass == .json)
        #expect(refused.error.message.hasPrefix("line 7: "))
        #expect(refused.url == Array(#""http://a/""#.utf8))
    }

    /// pandas, polars and other libraries write `null` for a missing value of a table.
    @Test(arguments: ["id", "method", "headers", "body", "body_base64", "timeout_s", "idempotent"])
    func aMemberThatIsNullCountsAsMissing(name: String) throws {
        let line = Array("{ \"\(name)\" : null, \"url\":\"http://a/\"}".utf8)
        let task = try Self.task(line)
        #expect(String(decoding: task.object, as: UTF8.self) == #"{"url":"http://a/"}"#)
        #expect(task.id == nil && task.method == nil && task.isIdempotent && task.timeout == nil)
        let fetch = try Self.fetchTask(line)
        #expect(fetch.method == .get && fetch.headers.isEmpty && fetch.body == nil && fetch.isIdempotent)
    }

    @Test func blanksAroundTheValueOfAHeaderFieldAreNoPartOfIt() throws {
        let line = #"{"url":"http://a/","headers":{"A":" \t","B":"\tb  c ","C":""}}"#
        let fields = try Self.fetchTask(Array(line.utf8)).headers
        #expect(fields.map(\.value) == ["", "b  c", ""])
    }

    @Test func onlyTheNullsOfMissingValuesAreLeftOut() throws {
        let line =
            #"{"url":"http://u:p@a/","id":5,"id":null,"body":"x","body_base64":null,"#
            + #""headers":{"A":null,"B":"c"},"meta":null,"mine":{"body":null}}"#
        let task = try Self.task(Array(line.utf8))
        #expect(
            String(decoding: task.object, as: UTF8.self)
                == #"{"url":"http://a/","id":5,"body":"x","headers":{"Authorization":"Basic dTpw","B":"c"},"#
                + #""meta":null,"mine":{"body":null}}"#
        )
        let refused = Self.record(Array(#"{"url":null,"id":null,"method":null}"#.utf8))
        #expect(refused.hasPrefix(#"{"v":1,"id":7,"outcome":"invalid""#), "\(refused)")
        #expect(refused.contains(#"\"url\" must be a string"#))
    }

    @Test(arguments: [
        (#""body":"\uD800""#, "body"), (#""method":"\uDC00""#, "method"),
        (#""headers":{"A":"x\uD800"}"#, "headers"), (#""headers":{"\uD800":"x"}"#, "headers"),
    ])
    func halfASurrogatePairIsRefusedAsSuch(members: String, name: String) {
        let refused = Self.record(Array(#"{"url":"http://a/",\#(members)}"#.utf8))
        #expect(refused.contains(#"\"\#(name)\" contains half a surrogate pair; write"#), "\(refused)")
    }

    @Test func theBodyTheHeadersAndTheTimeOutOfATaskAreRead() throws {
        let object = Array(
            #"{"url":"http://a/","method":"PUT","headers":{"A":"b\"","a":""},"body_base64":"Zm9v","timeout_s":86400}"#
                .utf8
        )
        let task = try FetchTask(reading: object.span)
        #expect(task.method == .put && task.isIdempotent && task.body == Array("foo".utf8))
        #expect(task.headers == [HeaderField(name: "A", value: "b\""), HeaderField(name: "a", value: "")])
        #expect(task.timeout == .seconds(86_400))
    }

    @Test func theRecordOfARefusedLineContainsItsIDURLAndMeta() {
        let line = Array(#"{"id":"x","meta":[1],"url":"http://a/","idempotent":1}"#.utf8)
        #expect(
            Self.record(line)
                == #"{"v":1,"id":"x","url":"http://a/","outcome":"invalid","error":{"class":"json","message":"line 7: \"idempotent\" must be true or false","retryable":false},"meta":[1]}"#
                + "\n"
        )
    }

    @Test(
        arguments: [
            (#""method":"POST","body":1"#, #""method":"POST","#),
            (#""method":"FETCH""#, #""method":"FETCH","#),
            (#""headers":[]"#, #""method":"GET","#), (#""body":1"#, #""method":"GET","#),
            (#""method":"GET","timeout_s":0"#, ""), (#""timeout_s":0"#, ""),
        ]
    )
    func theRecordOfARefusedTaskHasItsMethodUnlessTheTaskIsAPlainGET(members: String, method: String) {
        let record = Self.record(Array(#"{"url":"http://h/",\#(members)}"#.utf8))
        #expect(record.contains(#""url":"http://h/",\#(method)"outcome":"invalid""#), "\(record)")
    }

    @Test func theRecordOfARefusedTaskWhosePasswordIsRemovedHasItsMethod() {
        let record = Self.record(Array(#"{"url":"http://u:p@h/","timeout_s":0}"#.utf8))
        #expect(record.contains(#""url":"http://h/","method":"GET","outcome":"invalid""#), "\(record)")
    }

    @Test(arguments: ["POST", "HEAD", "GET"])
    func aRecordThatDoesNotContainItsWholeRequestIsNotATask(method: String) {
        let object = Array(#"{"url":"http://h/","id":7,"method":"\#(method)","meta":[1]}"#.utf8)
        guard case .refused(let refused) = InputLine.read(object: object, ordinal: 3, isOfRecord: true) else {
            Issue.record("the record is a task")
            return
        }
        #expect(refused.error.message.hasPrefix("line 3: the record is that of a \(method)"))
        #expect(refused.concernsWholeInput)
        #expect(refused.method == Array("\"\(method)\"".utf8) && refused.meta == Array("[1]".utf8))
    }

    @Test func onlyARecordWithAMethodIsRefused() throws {
        let post = #"{"v":1,"id":7,"url":"http://h/","method":"POST","outcome":"timeout","fetched_at":"x"}"#
        #expect(Self.record(Array(post.utf8)).contains("the record is that of a POST"))
        let others = [
            post.replacing("timeout", with: "late"), post.replacing(#""v":1,"#, with: ""),
            post.replacing(#""v":1,"#, with: #""v":2,"#), post.replacing(#""method":"POST","#, with: ""),
            post.replacing(#""method":"POST""#, with: #""method":null"#),
        ]
        for other in others { #expect(try Self.task(Array(other.utf8)).id != nil) }
        let exported = Array(#"{"url":"http://h/","id":7,"method":null,"meta":null}"#.utf8)
        guard case .task = InputLine.read(object: exported, ordinal: 3, isOfRecord: true) else {
            Issue.record("the record is refused")
            return
        }
    }

    @Test func theLineNumberReplacesARefusedIDInTheRecord() {
        #expect(
            Self.record(Array(#"{"id":[],"url":"http://a/","meta":1}"#.utf8))
                == #"{"v":1,"id":7,"url":"http://a/","outcome":"invalid","error":{"class":"json","message":"line 7: \"id\" must be a string or an integer","retryable":false},"meta":1}"#
                + "\n"
        )
    }

    @Test func theRefusalOfALineNamesThePositionOfItsFault() {
        #expect(Self.record(Array("{}".utf8)).contains(#"line 7: the task has no \"url\""#))
        #expect(Self.record(Array("{".utf8)).contains("line 7: not valid JSON: "))
        #expect(Self.record([0x20, 0x61, 0xFF]).contains("line 7: the URL is not valid UTF-8 at byte 3"))
        #expect(Self.record(Array("{\"".utf8) + [0xFF]).contains("line 7: not valid UTF-8 at byte 3"))
    }

    @Test func theMessageForInvalidUTF8SaysHowToConvertTheLine() {
        let record = Self.record(Array("http://a/caf".utf8) + [0xE9])
        #expect(record.contains(#""class":"url""#))
        #expect(
            record.contains("at byte 13; percent-encode its bytes, or if the file is Latin-1, convert it")
        )
        #expect(Self.record(Array("{\"url\":\"http://a/".utf8) + [0xE9]).contains(#""class":"json""#))
    }

    /// Returns the UTF-16 bytes of a text, split at each byte 0x0A; an empty last part is left out.
    ///
    /// `fetchpool` splits its input at the same bytes.
    private static func utf16Lines(_ text: String, isBigEndian: Bool, hasMark: Bool) -> [[UInt8]] {
        let units = (hasMark ? "\u{FEFF}" + text : text).utf16
        let bytes = units.flatMap { unit in
            let pair = [UInt8(truncatingIfNeeded: unit >> 8), UInt8(truncatingIfNeeded: unit)]
            return isBigEndian ? pair : pair.reversed()
        }
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if lines.last == [] { lines.removeLast() }
        return lines
    }

    @Test(arguments: [true, false], [true, false])
    func theTextOfAUTF16FileIsRefusedWithAdvice(isBigEndian: Bool, hasMark: Bool) {
        let text = "http://a/b\r\nhttp://a/c?é\r\n\r\n{\"url\":\"http://a/d\"}\r\n"
        let lines = Self.utf16Lines(text, isBigEndian: isBigEndian, hasMark: hasMark)
        var refused = 0
        for line in lines {
            guard case .refused(let task) = InputLine.read(line.span, ordinal: 1) else { continue }
            refused += 1
            #expect(
                task.error.message
                    == "line 1: the text is UTF-16; convert the file with iconv -f UTF-16 -t UTF-8"
            )
        }
        #expect(refused == 3)
    }

    @Test func blanksAroundTheURLOfATaskAreDroppedButStayInTheObject() throws {
        let object = Array(#"{"url":" \thttp://A/x\n ","id":1}"#.utf8)
        let task = try Self.task(object)
        #expect(task.host.name == "a")
        #expect(String(decoding: task.object[task.url], as: UTF8.self) == #"" \thttp://A/x\n ""#)
        #expect(try Self.fetchTask(object).url.description == "http://a/x")
        #expect(Self.record(Array(#"{"url":" "}"#.utf8)).contains("the URL is empty"))
    }

    @Test func lineBreaksInATaskBecomeBlanksAndEscapes() throws {
        let line = Array("{\"id\":\"\u{2028}\",\r\"url\":\"http://a/\u{85}\",\"meta\":[\r{\"v\":1}\r]}".utf8)
        let task = try Self.task(line)
        #expect(
            String(decoding: task.object, as: UTF8.self)
                == #"{"id":"\u2028", "url":"http://a/\u0085","meta":[ {"v":1} ]}"#
        )
        #expect(String(decoding: task.object[try #require(task.meta)], as: UTF8.self) == #"[ {"v":1} ]"#)
        let refused = Self.record(Array("{\"url\":\"ftp://a/\u{2029}\",\"meta\":[\r]}".utf8))
        #expect(refused.contains(#""url":"ftp://a/\u2029""#) && refused.contains(#""meta":[ ]"#))
    }

    @Test(arguments: ["meta", "mine"])
    func aTaskMayNest500Deep(member: String) throws {
        func line(_ depth: Int) -> [UInt8] {
            let value = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return Array(#"{"url":"http://a/","\#(member)":\#(value)}"#.utf8)
        }
        #expect(try Self.task(line(499)).object.count == line(499).count)
        #expect(Self.record(line(500)).contains("the task is nested deeper than 500 at byte "))
    }

    @Test func aTaskThatNestsTooDeepKeepsTheMembersBeforeTheDeepValue() {
        let deep = String(repeating: "[", count: 600)
        let record = Self.record(
            Array("{\"id\":\"x\u{2028}\",\"meta\":[1],\r\"url\":\"http://a/\",\"y\":\(deep)".utf8)
        )
        #expect(record.contains(#""id":"x\u2028","url":"http://a/","outcome":"invalid""#), "\(record)")
        #expect(record.contains(#","meta":[1]}"#))
    }

    @Test func aTaskMayHave256HeaderFieldsOf256KiBInTotal() throws {
        func object(_ fields: [String]) -> [UInt8] {
            Array(#"{"url":"http://a/","headers":{\#(fields.joined(separator: ","))}}"#.utf8)
        }
        let many = (1...257).map { #""X\#($0)":"1""# }
        #expect(try Self.fetchTask(object(Array(many.dropLast()))).headers.count == 256)
        #expect(Self.record(object(many)).contains(#"\"headers\" holds more than 256 fields; send fewer"#))
        let value = String(repeating: "x", count: (256 << 10) - 1)
        #expect(try Self.fetchTask(object([#""X":"\#(value)""#])).headers.count == 1)
        let long = Self.record(object([#""X":"\#(value)x""#]))
        #expect(long.contains(#"\"headers\" holds more than 256 KiB; send less"#))
        #expect(long.utf8.count < 1_000)
    }

    @Test func theLastOfTwoMembersWithTheSameNameCounts() throws {
        let line =
            #"{"url":"http://a/","body":"x","headers":5,"url":"http://b/","headers":{"A":"b"},"body":"y"}"#
        let task = try FetchTask(reading: Array(line.utf8).span)
        #expect(task.url.host == "b" && task.headers.count == 1 && task.body == Array("y".utf8))
    }

    @Test(arguments: [#""method":"#, #""headers":{"x":"y","#])
    func aMessageRepeatsOnlyTheStartOfALongText(start: String) {
        let text = String(repeating: "é", count: 100_000)
        let end = start.contains("headers") ? #":""}}"# : "}"
        let record = Self.record(Array(#"{"url":"http://a/",\#(start)"\#(text)"\#(end)"#.utf8))
        #expect(record.contains(#""class":"json""#) && record.utf8.count < 1_000)
    }
}
