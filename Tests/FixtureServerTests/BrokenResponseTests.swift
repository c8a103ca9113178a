// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of missing, faulty and unusual responses.
@Suite(.ownThread)
struct BrokenResponseTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Returns the head and the body of the response to a GET of `path`.
    ///
    /// The head includes the empty line after its fields.
    private func parts(_ path: String) throws -> (head: Substring, body: Substring) {
        let response = try #require(server.get(path))
        let end = try #require(response.range(of: "\r\n\r\n"))
        return (response[..<end.upperBound], response[end.upperBound...])
    }

    @Test func aResetAnEmptyResponseAndATruncatedResponseDiffer() throws {
        #expect(server.get("/reset") == nil)
        #expect(server.get("/empty") == "")
        let truncated = try #require(server.get("/truncate"))
        #expect(truncated.contains("Content-Length: 1000\r\n"))
        #expect(truncated.hasSuffix("\r\n\r\n" + String(repeating: "t", count: 500)))
    }

    @Test func connectionEndsAtItsSecondRequest() throws {
        let request = "GET /close-after-reuse HTTP/1.1\r\n\r\n"
        let response = try #require(server.exchange(request + request))
        #expect(response.split(separator: "HTTP/1.1 200").count == 1)
        #expect(try #require(server.get("/stats")).contains(#""/close-after-reuse":2"#))
        #expect(try server.log().map(\.connection) == [1, 1])
    }

    @Test(arguments: [
        ("/chunked-bad", "5\r\nhello\r\nzz\r\nhello\r\n0\r\n\r\n"),
        ("/chunked-bad/huge", "5\r\nhello\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        ("/chunked-bad/long", "5\r\nhello there\r\n0\r\n\r\n"),
        ("/chunked-bad/cut", "5\r\nhello\r\nff\r\nhello"),
        ("/chunked-bad/unended", "5\r\nhello\r\n"),
    ])
    func chunksAreWrong(_ path: String, _ chunks: String) throws {
        let (head, body) = try parts(path)
        #expect(head.contains("Transfer-Encoding: chunked\r\n"))
        #expect(body == chunks)
    }

    @Test(arguments: [
        ("/length-lies", ["1000"]), ("/length-lies/smaller", ["100"]), ("/length-lies/two", ["500", "100"]),
        ("/length-lies/negative", ["-500"]), ("/length-lies/huge", ["99999999999999999999"]),
    ])
    func announcedLengthsAreWrongOrContradictory(_ path: String, _ lengths: [Substring]) throws {
        let (head, body) = try parts(path)
        #expect(head.matches(of: /Content-Length: (.*)\r\n/).map(\.1) == lengths)
        #expect(body == String(repeating: "l", count: 500))
    }

    @Test func excessBodyPrecedesTheNextResponse() throws {
        let requests =
            "GET /length-lies/smaller HTTP/1.1\r\n\r\nGET /get HTTP/1.1\r\nConnection: close\r\n\r\n"
        let response = try #require(server.exchange(requests))
        #expect(response.contains("lllHTTP/1.1 200 OK\r\n"))
    }

    @Test func bodyThatIsTooShortCanEndInSilence() throws {
        let connection = try #require(server.connect())
        #expect(connection.send("GET /length-lies/larger-silent HTTP/1.1\r\n\r\n"))
        let response = try #require(connection.receive { $0.hasSuffix("lll") })
        #expect(response.contains("Content-Length: 1000\r\n"))
        // The request has not ended while the server is silent.
        #expect(try #require(server.log().first).endedMS == nil)
    }

    @Test(arguments: [(0, 100), (3, 10), (1_000, 0), (1, 300_000)])
    func headHasTheRequestedLines(_ lines: Int, _ bytes: Int) throws {
        let (head, body) = try parts("/headers/\(lines)/\(bytes)")
        #expect(head.matches(of: /X-Line-\d+: h*\r\n/).count == lines)
        #expect(head.count { $0 == "h" } >= lines * bytes)
        #expect(body == "This answer has \(lines) lines of header more than others.\n")
    }

    @Test(arguments: [
        ("/headers/endless", "X-Line: hh"), ("/headers/endless/0", "X-Line: \r\n"),
        ("/headers/endless-line", "hhh"),
    ])
    func headNeverEnds(_ path: String, _ end: String) throws {
        let connection = try #require(server.connect())
        #expect(connection.send("GET \(path) HTTP/1.1\r\n\r\n"))
        let response = try #require(connection.receive { $0.utf8.count > 1_000_000 })
        #expect(response.hasPrefix("HTTP/1.1 200 OK\r\nX-Line: "))
        #expect(!response.contains("\r\n\r\n"))
        #expect(response.suffix(10_000).contains(end))
    }

    @Test func headArrivesLineByLine() throws {
        let connection = try #require(server.connect())
        let begun = ContinuousClock.now
        #expect(connection.send("GET /slow-headers/3/20 HTTP/1.1\r\n\r\n"))
        let beginning = try #require(connection.receive { $0.hasSuffix("\r\n") })
        #expect(beginning == "HTTP/1.1 200 OK\r\nX-Line: 1\r\n")
        let rest = try #require(connection.receive())
        #expect(rest.hasPrefix("X-Line: 2\r\nX-Line: 3\r\n") && rest.hasSuffix("\r\n\r\nslow\n"))
        #expect(ContinuousClock.now - begun >= .milliseconds(60))
    }

    @Test(arguments: [204, 304])
    func someStatusesHaveNoBody(_ status: Int) throws {
        let (head, body) = try parts("/status/\(status)")
        #expect(head.hasPrefix("HTTP/1.1 \(status) "))
        #expect(!head.contains("Content-Length"))
        #expect(body == "")
    }

    @Test(arguments: [("/bomb/0", 0), ("/bomb/3", 3), ("/bomb/0/dense", 0), ("/bomb/64/dense", 64)])
    func aBombIsGzipOfZeros(_ path: String, _ mebibytes: Int) throws {
        let script = """
            import sys, urllib.request, zlib
            response = urllib.request.urlopen(sys.argv[1])
            packed = response.read()
            # The value 31 selects the gzip format, with its checksum and length.
            content = zlib.decompress(packed, 31)
            print(response.headers["Content-Encoding"], content.count(0), len(content), len(content) // len(packed))
            """
        let said = try RunningProgram.run("/usr/bin/python3", ["-c", script, server.base + path]).output
        let words = said.split(whereSeparator: \.isWhitespace)
        #expect(words.prefix(3) == ["gzip", "\(mebibytes << 20)", "\(mebibytes << 20)"])
        let ratio = try #require(words.last.flatMap { Int($0) })
        #expect(mebibytes == 0 || path.hasSuffix("dense") == (ratio > 1_000))
    }
}
