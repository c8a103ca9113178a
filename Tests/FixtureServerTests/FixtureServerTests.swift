// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import Testing

/// The server, asked over sockets of the tests' own.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct FixtureServerTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    @Test func endOfStandardInputEndsTheServer() throws {
        #expect(try server.end() == .status(0))
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let first = "GET /status/201 HTTP/1.1\r\n\r\n"
        let second = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        let third = "HEAD /get HTTP/1.1\r\nConnection: close\r\n\r\n"
        let answer = try #require(server.exchange(first + second + third))
        let statuses = answer.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
        #expect(statuses == ["201", "200", "200"])
        #expect(answer.contains(#""body":"abc"}"#))
        #expect(answer.contains("Content-Length: 111\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: ["blah\r\n\r\n", "GET / FTP/1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"])
    func garbageIsRefused(_ bytes: String) throws {
        #expect(try #require(server.exchange(bytes)).hasPrefix("HTTP/1.1 400 "))
    }

    @Test func eachFlakyPathFailsItsOwnTimes() throws {
        let paths = ["/flaky/2", "/flaky/2/a", "/flaky/2", "/flaky/2", "/flaky/2/a", "/flaky/2/a"]
        let statuses = paths.map { server.get($0)?.dropFirst(9).prefix(3) }
        #expect(statuses == ["503", "503", "503", "200", "503", "200"])
    }

    @Test func resetEmptyAndTruncatedAnswersDiffer() throws {
        #expect(server.get("/reset") == nil)
        #expect(server.get("/empty") == "")
        let truncated = try #require(server.get("/truncate"))
        #expect(truncated.contains("Content-Length: 1000\r\n"))
        #expect(truncated.hasSuffix("\r\n\r\n" + String(repeating: "t", count: 500)))
    }

    @Test func secondRequestOnAConnectionMeetsItsEnd() throws {
        let request = "GET /close-after-reuse HTTP/1.1\r\n\r\n"
        let answer = try #require(server.exchange(request + request))
        #expect(answer.split(separator: "HTTP/1.1 200").count == 1)
        #expect(try #require(server.get("/stats")).contains(#""/close-after-reuse":2"#))
    }

    @Test func statsCountRepeatsAndNotThemselves() throws {
        for path in ["/get", "/get?a", "/stats", "/get"] { _ = server.get(path) }
        let stats = try #require(server.get("/stats"))
        #expect(stats.contains(#""by_path":{"/get":2,"/get?a":1},"repeated":1}"#))
        #expect(stats.contains(#"{"requests":3,"connections":5,"#))
        let log = try #require(server.get("/log")).split(whereSeparator: \.isNewline).suffix(3)
        #expect(log.map { $0.drop { $0.isNumber } } == [" GET /get", " GET /get?a", " GET /get"])
    }

    @Test(arguments: [1, 2, 999, 123_456])
    func pagesHaveAboutFiftyKilobytesAndAreTheSameEachTime(_ number: Int) throws {
        let page = try #require(server.get("/page/\(number)"))
        #expect((49_000...52_000).contains(page.utf8.count))
        #expect(page.split(separator: "<a href=").count == 61)
        #expect(server.get("/page/\(number)") == page)
    }
}
