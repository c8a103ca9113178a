// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of responses that refuse requests, redirect clients, or explain a wrong path.
@Suite(.ownThread)
struct RefusalTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    private func status(_ path: String) -> Substring? { server.get(path)?.dropFirst(9).prefix(3) }

    /// Returns the value of a header field in the response to a GET of `path`; `nil` if the response lacks
    /// the field.
    private func field(_ name: String, _ path: String) throws -> String? {
        let lines = try #require(server.get(path)).components(separatedBy: "\r\n")
        return lines.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    @Test func eachFlakyPathHasItsOwnCount() {
        let paths = ["/flaky/2", "/flaky/2/a", "/flaky/2", "/flaky/2", "/flaky/2/a", "/flaky/2/a"]
        #expect(paths.map(status) == ["503", "503", "503", "200", "503", "200"])
    }

    @Test(arguments: ["0", "1", "120", "soon"])
    func refusalHasTheRetryAfterOfItsPath(_ value: String) throws {
        #expect(status("/retry-after/\(value)") == "429")
        #expect(try field("Retry-After", "/retry-after/\(value)") == value)
    }

    @Test(arguments: [0, 5, 100_000_000, -3_600])
    func refusalNamesADate(_ seconds: Int) throws {
        #expect(status("/retry-at/\(seconds)") == "503")
        let text = try #require(try field("Retry-After", "/retry-at/\(seconds)"))
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        format.timeZone = TimeZone(secondsFromGMT: 0)
        let date = try #require(format.date(from: text))
        // `DateFormatter` accepts a date with the wrong weekday, so the text is checked too.
        #expect(format.string(from: date) == text)
        #expect(abs(date.timeIntervalSinceNow - Double(seconds)) < 20)
    }

    @Test func refusalsEndAfterTheGivenNumber() {
        let paths = [
            "/retry-after/1/2", "/retry-at/1/1/a", "/retry-after/1/2", "/retry-at/1/1/a",
            "/retry-after/1/2?x",
        ]
        #expect(paths.map(status) == ["429", "503", "429", "200", "200"])
    }

    @Test func eachThirdRequestOfAStormIsRefused() throws {
        let statuses = (1...6).map { status("/storm?\($0)") }
        #expect(statuses == ["200", "200", "429", "200", "200", "429"])
        let refused = try server.log().filter { $0.status == 429 }
        #expect(refused.map(\.target) == ["/storm?3", "/storm?6"])
        #expect(refused.map(\.retryAfter) == ["1", "1"])
    }

    @Test func eachStormPathHasItsOwnCount() throws {
        let statuses = ["/storm/2/9/a", "/storm/2/9/b", "/storm/2/9/a?x"].map(status)
        #expect(statuses == ["200", "200", "429"])
        #expect(try field("Retry-After", "/storm/1/9") == "9")
    }

    @Test(arguments: [
        ("/redirect-to?url=http%3A%2F%2F127.0.0.2%2F%3Fa%26b", "302", "http://127.0.0.2/?a&b"),
        ("/redirect-to?status=307&url=/get", "307", "/get"),
        ("/redirect-to?url=file:///etc/passwd", "302", "file:///etc/passwd"),
    ])
    func redirectLeadsToTheURLInTheQuery(_ path: String, _ code: String, _ location: String) throws {
        #expect(status(path) ?? "" == code)
        #expect(try field("Location", path) == location)
    }

    @Test func cookieRouteRedirectsToThePageThatShowsTheRequest() throws {
        #expect(try field("Set-Cookie", "/cookie") == "crumb=fixture; Path=/")
        #expect(try field("Location", "/cookie") == "/echo")
        #expect(try field("Location", "/cookie?url=http://localhost:1/echo") == "http://localhost:1/echo")
        let echo = try #require(
            server.exchange("GET /echo HTTP/1.1\r\nCookie: a=b\r\nConnection: close\r\n\r\n")
        )
        #expect(echo.contains(#"["Cookie","a=b"]"#))
    }

    @Test(arguments: [
        "/retry-after", "/retry-at/x", "/storm/0", "/storm/x", "/redirect-to",
        "/redirect-to?url=/&status=200", "/headers", "/chunked-bad/x", "/length-lies/x", "/gzip/x",
        "/bomb/1/x",
    ])
    func responseToAWrongPathShowsTheRightForm(_ path: String) throws {
        #expect(try #require(server.get(path)).contains("This path has the form /"))
        #expect(status(path) == "404")
    }
}
