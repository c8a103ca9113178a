// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@testable import FetchModel

/// Tests of URLs with passwords: requests contain the passwords, and records do not.
///
/// A task's own `Authorization` field replaces the password.
@Suite struct URLUserTests {
    /// Returns the object of a line's task; `nil` if the line is refused.
    private static func object(_ line: String) -> String? {
        guard case .task(let task) = InputLine.read(Array(line.utf8).span, ordinal: 1) else { return nil }
        return String(decoding: task.object, as: UTF8.self)
    }

    private static func refused(_ line: String) -> RefusedTask? {
        guard case .refused(let task) = InputLine.read(Array(line.utf8).span, ordinal: 1) else { return nil }
        return task
    }

    @Test(arguments: [
        ("http://u:p@A/b", #"{"url":"http://a/b","headers":{"Authorization":"Basic dTpw"}}"#),
        ("http://u@a/b#c", #"{"url":"http://a/b","headers":{"Authorization":"Basic dTo="}}"#),
        ("http://:@a/b", #"{"url":"http://:@a/b"}"#),
        ("http://%C3%A9:%3A%@a/", #"{"url":"http://a/","headers":{"Authorization":"Basic w6k6OiU="}}"#),
        (
            #"{"id":1,"url":"http://u:p@a/","headers":{"A":"b"},"meta":[1]}"#,
            #"{"id":1,"url":"http://a/","headers":{"Authorization":"Basic dTpw","A":"b"},"meta":[1]}"#
        ),
        (
            #"{"headers": { },"url":"http://u:p@a/"}"#,
            #"{"headers": {"Authorization":"Basic dTpw" },"url":"http://a/"}"#
        ),
        (
            #"{"headers":{"authorization":"x"},"url":"http://u:p@a/"}"#,
            #"{"headers":{"authorization":"x"},"url":"http://a/"}"#
        ),
    ])
    func thePasswordOfAURLBecomesAHeaderField(line: String, expected: String) {
        #expect(Self.object(line) == expected)
    }

    @Test func aFetchTaskHasThePasswordOfItsURLInAHeaderField() throws {
        let task = try FetchTask(reading: Array(#"{"url":"http://u:p@a/","headers":{"B":"c"}}"#.utf8).span)
        #expect(task.url.description == "http://a/")
        let field = HeaderField(name: "Authorization", value: "Basic dTpw")
        #expect(task.headers == [field, HeaderField(name: "B", value: "c")])
    }

    @Test(arguments: [
        ("http://u:secret@a b/", "http://a b/"), ("http://u:secret@a:x/@b", "http://a:x/@b"),
        ("ftp://u:secret@a/", "ftp://a/"), ("u:secret@a/", "a/"), ("//u:secret@a/", "//a/"),
        ("u@a", "u@a"), ("//u@a", "//a"), ("mailto:a@b", "mailto:a@b"),
        (#""http://u:secret@a/"#, #""http://a/"#),
        ("x,http://u:secret@a/,https://v:secret@b/", "x,http://a/,https://b/"),
        ("http:\\\\u:secret@a b", "http:\\\\a b"), ("ht\ttp://u:sec\tret@a b", "ht\ttp://a b"),
    ])
    func theRecordOfARefusedLineContainsNoPassword(line: String, expected: String) throws {
        var writer = JSONWriter()
        writer.string(expected)
        let refused = try #require(Self.refused(line))
        #expect(refused.url == writer.take())
        #expect(!refused.error.message.contains("secret") && !refused.error.message.contains("sec?ret"))
    }

    @Test func theRecordOfATaskWithAnInvalidTimeOutContainsNoPassword() throws {
        let refused = try #require(Self.refused(#"{"url":"http://u:p@a/","timeout_s":0}"#))
        #expect(String(decoding: refused.url, as: UTF8.self) == #""http://a/""#)
    }

    @Test func theRecordOfATextWithHalfASurrogatePairContainsNoPassword() throws {
        let refused = try #require(Self.refused(#"{"url":"http://u:secret@a/\ud800"}"#))
        #expect(String(decoding: refused.url, as: UTF8.self) == "\"http://a/\u{FFFD}\"")
    }

    @Test func aResolvedLinkContainsNoPassword() throws {
        #expect(try resolved("//u:p@g/", against: "http://v:q@a/") == "http://g/")
        #expect(try resolved("b", against: "http://v:q@a/") == "http://a/b")
    }
}
