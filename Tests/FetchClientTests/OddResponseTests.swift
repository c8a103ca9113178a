// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of unusual responses; in most tests, the server sends exactly the bytes that the test gives.
@Suite(.ownThread)
struct OddResponseTests {
    /// Creates a server that sends `response(path)` for each request, and closes the connection.
    private func server(_ response: @escaping @Sendable (String) -> String) throws -> ScriptedServer {
        try ScriptedServer { request, peer in
            peer.send(response(request.target))
            return .close
        }
    }

    private func fetch(_ response: String, _ settings: FetchSettings = FetchSettings()) throws -> FetchResult
    {
        try server { _ in response }.fetch(#"{"url":"BASE/"}"#, settings)
    }

    @Test(arguments: [
        "HTTP/1.2 200 OK", "HTTP/3 200 OK", "HTTP/1 200 OK", "HTTP/1.10 200 OK", "HTTP/0.9 200 OK",
        "HTTP/1.1 OK", "HTTP/1.1 000 X",
        "HTTP/1.1 099 X", "HTTP/1.1 20 X", "HTTP/1.1 1000 X", "HTTP/1.1 2000 X",
        "HTTP/1.1 -1 X", "HTTP/1.1\t200 OK", "ICY 200 OK", "http/1.1 404 not found", "Http/1.1 503 X",
    ])
    func invalidStatusLineIsAProtocolError(line: String) throws {
        let error = try fetch("\(line)\r\nContent-Length: 2\r\n\r\nhi").error
        #expect(error?.errorClass == .protocol)
        #expect(error?.message.contains("redirect") == false)
        #expect(error?.isRetryable == false)
    }

    @Test(arguments: [
        "HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "http/1.1 200 ok\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nHTTP/1.1: yes\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nHTTP/X: 500\r\n\r\n",
        "HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    ])
    func aCompleteResponseIsAccepted(response: String) throws {
        let result = try fetch(response)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect((result.status, result.bodyBytes) == (200, 2))
    }

    @Test(arguments: ["Content-Length: -1", "Content-Length: ", "Content-Length: abc", "no colon", "X: a\0b"])
    func anInvalidFieldIsAProtocolError(field: String) throws {
        let error = try fetch("HTTP/1.1 200 OK\r\nA: b\r\n\(field)\r\n\r\nhi").error
        #expect(error?.errorClass == .protocol)
        #expect(error?.message.contains("did not respond in HTTP") == false, "\(error?.message ?? "")")
    }

    /// The client works around a fault of libcurl 7.88.
    ///
    /// If the first field begins with a blank, a reused handle of libcurl enlarges memory that libcurl has
    /// freed.
    @Test func aFirstFieldThatBeginsWithABlankIsAlwaysRefused() throws {
        let server = try server { target in
            target == "/fine"
                ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: \(String(repeating: "a", count: 3_000))\r\n\r\nhi"
                : "HTTP/1.1 200 OK\r\n X: \(String(repeating: "y", count: 5_000))\r\nContent-Length: 2\r\n\r\nhi"
        }
        var settings = FetchSettings()
        settings.concurrency = 2
        let tasks = (0..<200).map { #"{"url":"BASE/\#($0 % 2 == 0 ? "fine" : "folded")"}"# }
        let results = try server.fetch(tasks, settings)
        for (number, result) in results.enumerated() {
            #expect(result.error?.errorClass == (number % 2 == 0 ? nil : .protocol))
            #expect(result.error?.message.contains("blank") != false, "\(result.error?.message ?? "")")
        }
    }

    @Test func theCookieOfARefusedResponseIsForgotten() throws {
        let lines = String(repeating: "X: y\r\n", count: 999)
        let server = try ScriptedServer { request, peer in
            let before = request.target == "/" ? lines : ""
            peer.send("HTTP/1.1 200 OK\r\n\(before)Set-Cookie: leak=1; Path=/\r\n\r\n")
            return .close
        }
        var settings = FetchSettings()
        settings.concurrency = 1
        let results = try server.fetch([#"{"url":"BASE/"}"#, #"{"url":"BASE/next"}"#], settings)
        #expect(results[0].error?.errorClass == .protocol)
        #expect(server.requests.map { $0.values("cookie") } == [[], []])
    }

    /// The body breaks off (`cut`), breaks off inside a chunk (`chunk`), is ended by the speed guard
    /// (`silent`) or by the time-out (`late`), or has too many trailers (`trailers`).
    @Test(arguments: [429, 503, 404], ["cut", "chunk", "silent", "late", "trailers"])
    func anErrorStatusIsReportedAlthoughTheBodyFails(status: Int, fault: String) throws {
        let server = try ScriptedServer { request, peer in
            let head = "HTTP/1.1 \(status) X\r\nRetry-After: 7\r\n"
            switch fault {
            case "cut": peer.send("\(head)Content-Length: 100\r\n\r\nhello")
            case "chunk": peer.send("\(head)Transfer-Encoding: chunked\r\n\r\n64\r\nhello")
            case "trailers":
                let lines = String(repeating: "X: y\r\n", count: 1_000)
                peer.send("\(head)Transfer-Encoding: chunked\r\n\r\n0\r\n\(lines)\r\n")
            default:
                peer.send("\(head)Content-Length: 100\r\n\r\n")
                peer.waitForEnd()
            }
            return .close
        }
        let guards = ClientGuards(speed: SpeedGuard(bytesPerTick: 100, ticks: 1))
        let limit = fault == "late" ? #","timeout_s":0.3"# : ""
        let result = try server.fetch(#"{"url":"BASE/"\#(limit)}"#, guards: guards)
        #expect(result.error == TaskError.ofStatus(status), "\(result.error?.message ?? "")")
        #expect((result.status, result.retryAfterSeconds) == (status, 7))
        #expect(result.outcome == .httpError && result.body == nil)
    }

    /// Interim responses (RFC 9110 §15.2) belong to the wait for the final response.
    ///
    /// This wait does not count as slow.
    @Test func interimResponsesDoNotStartTheSpeedGuard() throws {
        let clock = try FixtureServer()
        let port = clock.port
        let server = try ScriptedServer { _, peer in
            for _ in 0..<3 {
                peer.send("HTTP/1.1 102 Processing\r\n\r\n")
                let connection = RawConnection("127.0.0.1", port: port)
                _ = connection?.send("GET /delay/1500 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                _ = connection?.receive()
            }
            peer.respond()
            return .keep
        }
        let guards = ClientGuards(speed: SpeedGuard(bytesPerTick: 100, ticks: 1))
        let result = try server.fetch(#"{"url":"BASE/"}"#, guards: guards)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect(try clock.statistics().requests == 3)
    }

    /// The body ends at its `Content-Length`, even if the connection stays open.
    @Test(arguments: ["identity", "binary", "", "none", "8bit"])
    func bodyWithAnUnknownTransferCodingEndsAtItsLength(coding: String) throws {
        let server = try ScriptedServer { request, peer in
            let head = "HTTP/1.1 \(request.target.dropFirst()) X\r\nTransfer-Encoding: \(coding)\r\n"
            switch request.target {
            case "/302": peer.send("\(head)Content-Length: 0\r\nLocation: /200\r\n\r\n")
            case "/201": peer.send("\(head)Content-Length: 0\r\n\r\n")
            // If an error response has an unknown transfer coding and no length, the client does not wait
            // for the body.
            case "/503": peer.send("\(head)Retry-After: 1\r\n\r\nhi")
            default: peer.send("\(head)Content-Length: 2\r\n\r\nhi and more")
            }
            return request.target == "/302" ? .close : .keep
        }
        // The speed guard must not end the response, so the guard measures over 1,000 ticks.
        let guards = ClientGuards(speed: SpeedGuard(bytesPerTick: 100, ticks: 1_000))
        for (path, status, bytes) in [("200", 200, 2), ("201", 201, 0), ("302", 200, 2), ("404", 404, 2)] {
            let result = try server.fetch(#"{"url":"BASE/\#(path)"}"#, guards: guards)
            #expect((result.status, result.bodyBytes) == (status, bytes), "\(path)")
            #expect(result.error?.errorClass == (status == 404 ? .httpStatus : nil), "\(path)")
        }
        let refusal = try server.fetch(#"{"url":"BASE/503"}"#, guards: guards)
        #expect((refusal.status, refusal.error?.errorClass) == (503, .httpStatus))
        #expect(refusal.retryAfterSeconds == 1)
    }

    @Test(arguments: ["Content-Length: 100", "Content-Length : 100", "Transfer-Encoding : chunked"])
    func aBodyThatBreaksOffIsNoWholeBody(field: String) throws {
        let coding = field.hasSuffix(": 100") ? "Transfer-Encoding: identity\r\n" : ""
        let error = try fetch("HTTP/1.1 200 OK\r\n\(coding)\(field)\r\n\r\n5\r\nhello").error
        #expect(error?.errorClass == (field.contains(" :") ? .protocol : .reset), "\(error?.message ?? "")")
    }

    /// A body without a length ends with the connection.
    ///
    /// Such a body may be incomplete because the connection broke, so another attempt may succeed.
    @Test(arguments: [true, false])
    func compressedDataThatBreaksOffIsAResetOnlyWithoutALength(hasLength: Bool) throws {
        let body = Coded.gzip("hello").dropLast(12)
        let server = try ScriptedServer { _, peer in
            let length = hasLength ? "Content-Length: \(body.count)\r\n" : ""
            peer.send(Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\(length)\r\n".utf8) + body)
            return .close
        }
        let error = try server.fetch(#"{"url":"BASE/"}"#).error
        #expect(error?.errorClass == (hasLength ? .decompress : .reset), "\(error?.message ?? "")")
        #expect(error?.isRetryable == !hasLength)
    }

    @Test func blanksBeforeAColonAreIgnored() throws {
        let server = try ScriptedServer { request, peer in
            if request.target == "/" {
                peer.send("HTTP/1.1 302 Found\r\nLocation : /next\r\nContent-Length: 0\r\n\r\n")
            } else {
                peer.send("HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 2\r\n\r\nhi")
            }
            return .close
        }
        var settings = FetchSettings()
        settings.recordsHeaders = true
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect((result.error, result.redirects, result.bodyBytes) == (nil, 1, 2))
        #expect(result.headers.map(\.name) == ["x-a", "content-length"])
    }

    @Test func bodyWithAnUnknownTransferCodingAndNoLengthEndsWithTheConnection() throws {
        let server = try ScriptedServer { request, peer in
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: binary\r\n\r\nhi")
            return request.target == "/close" ? .close : .keep
        }
        let guards = ClientGuards(speed: SpeedGuard(bytesPerTick: 100, ticks: 1))
        let closed = try server.fetch(#"{"url":"BASE/close"}"#, guards: guards)
        #expect((closed.error, closed.bodyBytes) == (nil, 2))
        for task in [#"{"url":"BASE/"}"#, #"{"url":"BASE/","timeout_s":0.3}"#] {
            let error = try server.fetch(task, guards: guards).error
            #expect(error?.errorClass == .protocol)
            #expect(error?.isRetryable == false)
            #expect(error?.message.contains("transfer coding other than chunked") == true)
        }
    }

    /// Without the check in `maySendRequest`, libcurl would repeat the request on one connection forever.
    @Test(arguments: [#""method":"PUT""#, #""method":"POST","idempotent":true"#, #""method":"POST""#])
    func aRefusedExpectationIsNotRepeated(members: String) throws {
        let server = try ScriptedServer { _, peer in
            peer.respond("417 Expectation Failed")
            return .keep
        }
        let task = #"{"url":"BASE/","body":"x","headers":{"Expect":"100-continue"},\#(members)}"#
        let result = try server.fetch(task)
        #expect(result.status == 417 && result.error?.errorClass == .httpStatus)
        #expect(server.requests.count == 1)
    }
}
