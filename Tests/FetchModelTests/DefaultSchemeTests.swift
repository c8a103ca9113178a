// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@testable import FetchModel

/// Tests of the option `--default-scheme`, for URLs without a scheme.
@Suite struct DefaultSchemeTests {
    private static func read(_ line: String, _ scheme: TargetURL.Scheme = .https) -> InputLine {
        InputLine.read(Array(line.utf8).span, ordinal: 1, defaultScheme: scheme)
    }

    @Test(arguments: [
        ("example.com", "https://example.com"), ("example.com/a b", "https://example.com/a b"),
        ("//example.com/", "https://example.com/"), ("localhost:8080/x", "https://localhost:8080/x"),
        ("127.1", "https://127.1"), ("[::1]:80", "https://[::1]:80"),
        ("bücher.example", "https://bücher.example"),
        ("example.com?a=http://b/", "https://example.com?a=http://b/"), ("a_b", "https://a_b"),
        ("example.com:8080?a", "https://example.com:8080?a"), ("a.b:1#c", "https://a.b:1#c"),
        ("http://example.com/", "http://example.com/"), (" example.com\t", "https://example.com"),
    ])
    func aURLWithoutASchemeGetsTheDefaultScheme(line: String, expected: String) throws {
        guard case .task(let task) = Self.read(line) else {
            Issue.record("\(line) is refused")
            return
        }
        #expect(String(decoding: task.object[task.url], as: UTF8.self) == "\"\(expected)\"")
        #expect(try FetchTask(reading: task.object.span).url == targetURL(expected))
    }

    @Test(arguments: [
        "id,url,title", "a@b.example", "u:p@example.com", "mailto:a@b", "ftp://a/", "hello world", "/a", "?a",
        "see http://a/", "a.b\tc", "%41.b", "http:", "a.b:x", "256.1.1.1",
        "http//a.b/", "https//a.b", "http.//a", "\u{FF48}ttp://a", "a.b:99999", "a.b:0/x",
    ])
    func invalidLinesAreRefusedDespiteADefaultScheme(line: String) {
        guard case .refused = Self.read(line) else {
            Issue.record("\(line) is a task")
            return
        }
    }

    @Test func theURLInAJSONObjectGetsTheDefaultScheme() throws {
        let line = #"{"id":"x","url":"example.com/\u0061","meta":{"a":1}}"#
        guard case .task(let task) = Self.read(line, .http) else {
            Issue.record("the line is refused")
            return
        }
        let expected = #"{"id":"x","url":"http://example.com/a","meta":{"a":1}}"#
        #expect(String(decoding: task.object, as: UTF8.self) == expected)
        #expect(task.host == HostKey(name: "example.com", port: 80))
    }

    @Test func withoutADefaultSchemeTheMessageNamesTheOption() throws {
        guard case .refused(let refused) = InputLine.read(Array("a.b".utf8).span, ordinal: 3) else {
            Issue.record("the line is not refused")
            return
        }
        #expect(
            refused.error.message
                == "line 3: the URL has no scheme; write https://a.b, or give --default-scheme"
        )
    }
}
