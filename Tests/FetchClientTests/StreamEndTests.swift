// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of responses over HTTP/2 whose stream ends, or breaks off.
@Suite(.ownThread)
struct StreamEndTests {
    /// An HTTP/2 server in Python that prints its port; the third argument chooses the server's behaviour.
    ///
    /// Most responses have the status 200, 1,000 bytes of body and no `Content-Length`. The server waits for
    /// the end of the request only with `patient`. With `both`, the server also speaks HTTP/1.1.
    private static let server =
        PythonTLSServer.prelude + """
            import gzip

            def length(number):
                if number < 127:
                    return bytes([number])
                number, made = number - 127, bytearray([127])
                while number > 127:
                    made.append(number % 128 + 128)
                    number //= 128
                return bytes(made + bytes([number]))

            def long_line(stream):
                block = b"\\x88\\x00" + length(1) + b"a" + length(70_000) + b"x" * 70_000
                parts = [block[start : start + 16_000] for start in range(0, len(block), 16_000)]
                frames = [frame(9 if index else 1, 0, stream, part) for index, part in enumerate(parts)]
                return b"".join(frames) + frame(9, 4, stream)

            def response(stream, is_ended):
                body = b"x" * 1_000
                whole = frame(1, 4, stream, b"\\x88") + frame(0, int(is_ended), stream, body)
                packed = frame(1, 4, stream, b"\\x88\\x00\\x10content-encoding\\x04gzip") + frame(0, 0, stream, gzip.compress(body)[:20])
                return {
                    "whole": whole,
                    "patient": whole,
                    "both": whole,
                    "whole-later": whole + frame(0, 1, stream),
                    "reset": whole + frame(3, 0, stream, bytes(4)),
                    "reset-gzip": packed + frame(3, 0, stream, bytes(4)),
                    "strand": whole + frame(0, 0, 0, b"x") * (stream == 7),
                    "bad-frame": whole + frame(0, 0, 0, b"x"),
                    "long-line": whole if stream == 1 else long_line(stream),
                    "early": whole + frame(6, 0, 0, bytes(8)),
                }[sys.argv[3]]

            def serve(connection, number):
                file = connection.makefile("rb")
                if connection.selected_alpn_protocol() == "http/1.1":
                    while file.readline() != b"\\r\\n":
                        pass
                    return connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
                for kind, flags, stream, _ in frames(connection, file):
                    if kind < 2 and flags & 1 if sys.argv[3] == "patient" else kind == 1:
                        asked = stream
                        connection.sendall(response(stream, sys.argv[3] in ("whole", "both", "early", "patient")))
                        if sys.argv[3] == "bad-frame":
                            return connection.shutdown(socket.SHUT_RDWR)
                    if kind == 6 and flags & 1:
                        # The client has acknowledged the PING, so the client has read the response.
                        connection.sendall(frame(3, 0, asked, bytes(4)))

            listen(serve, lambda number: ["h2", "http/1.1"] if sys.argv[3] == "both" else ["h2"])

            """

    /// Starts the server with a behaviour, and calls `body` with a client and the server's URL.
    private func withServer(
        _ behavior: String,
        sendsBodiesOverHTTP2: Bool = true,
        _ body: (DrivenClient, String) throws -> Void
    ) throws {
        try withTLSServer(
            Self.server,
            [behavior],
            { $1.sendsBodiesOverHTTP2 = sendsBodiesOverHTTP2 },
            { client, port in try body(client, "https://localhost:\(port)/") }
        )
    }

    @Test(arguments: ["whole", "whole-later"])
    func aStreamThatEndsIsAWholeResponse(behavior: String) throws {
        try withServer(behavior) { client, url in
            for _ in 1...3 {
                let result = try #require(try client.fetch(url))
                #expect(result.error == nil && result.bodyBytes == 1_000)
                #expect(result.httpVersion?.description == "2")
            }
        }
    }

    @Test(arguments: ["reset", "reset-gzip", "bad-frame"])
    func aStreamThatBreaksOffIsNoWholeResponse(behavior: String) throws {
        try withServer(behavior) { client, url in
            let error = try #require(try client.fetch(url)?.error)
            #expect(error.errorClass == .reset && error.isRetryable, "\(error.message)")
        }
    }

    /// The server breaks a rule of HTTP/2 with its response to the fourth request.
    ///
    /// The server does not close the connection.
    @Test func allRequestsOnABrokenConnectionEndAtOnce() throws {
        try withServer("strand") { client, url in
            let tasks = try (1...4).map { _ in try client.begin(url) }
            let begun = ContinuousClock.now
            for task in tasks {
                let error = try #require(client.result(of: task)?.error)
                #expect(error.errorClass == .reset && error.isRetryable, "\(error.message)")
            }
            #expect(ContinuousClock.now - begun < .seconds(6), "the speed guard would need 10 s")
        }
    }

    /// nghttp2 ends the connection because of a header line of more than 64 KiB.
    @Test(.ownThread(isFirst: true)) func anUnusableHeaderMakesOtherResponsesOnItsConnectionFail() throws {
        try withServer("long-line") { client, url in
            let first = try client.begin(url)
            let begun = ContinuousClock.now
            #expect(client.turn { ContinuousClock.now - begun > .milliseconds(300) })
            #expect(client.results[first] == nil, "the body of the first response has no end yet")
            let second = try client.begin(url)
            #expect(try #require(client.result(of: second)).error != nil)
            #expect(try #require(client.result(of: first)).error?.errorClass == .reset)
        }
    }

    /// Requests with a body use HTTP/1, unless the host speaks only HTTP/2.
    ///
    /// This server refuses HTTP/1 during the TLS handshake.
    @Test func aBodyIsSentOverHTTP2IfTheHostRefusesHTTP1() throws {
        let fixture = try TLSFixture()
        let files = fixture.files(.good)
        let certificate = ["-cert", files.certificate, "-key", files.key]
        let words = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-alpn", "h2"] + certificate
        let server = try RunningProgram("/usr/bin/env", words)
        defer { server.signal(SIGKILL) }
        var line = try #require(try server.line())
        while !line.hasPrefix("ACCEPT ") { line = try #require(try server.line()) }
        let port = try #require(line.split(separator: ":").last)
        var settings = FetchSettings()
        (settings.certificateFile, settings.concurrency) = (fixture.authority, 1)
        let client = try DrivenClient(settings)
        let more = #","method":"PUT","body":"x","timeout_s":2"#
        let task = try client.begin("https://localhost:\(port)/", more)
        // This server shows the request, and never responds.
        #expect(try #require(client.result(of: task)).error?.errorClass == .timeoutTotal)
        while !line.hasPrefix("PRI * HTTP/2.0") { line = try #require(try server.line()) }
    }

    /// This server agrees on no protocol during the handshake, and then speaks HTTP/2.
    @Test func aBodyIsSentOverHTTP2IfTheServerSpeaksNothingElse() throws {
        try withServer("patient", sendsBodiesOverHTTP2: false) { client, url in
            let task = try client.begin(url, #","method":"PUT","body":"x""#)
            let result = try #require(client.result(of: task))
            #expect(result.error == nil && result.httpVersion?.description == "2")
        }
    }

    /// The paths and other members of two tasks, each with a header that is too long for libnghttp2.
    private static let longTasks = [
        (path: "", more: #","headers":{"X":"\#(String(repeating: "v", count: 66_000))"},"timeout_s":5"#),
        (path: String(repeating: "p", count: 65_000), more: #","timeout_s":5"#),
    ]

    @Test(arguments: 0..<2)
    func aLongHeaderIsSentOverHTTP1(task: Int) throws {
        try withServer("both") { client, url in
            #expect(try client.fetch(url)?.httpVersion?.description == "2")
            let (path, more) = Self.longTasks[task]
            let long = try client.begin(url + path, more)
            let result = try #require(client.result(of: long))
            #expect(result.error == nil && result.httpVersion?.description == "1.1", "\(result)")
        }
    }

    @Test(arguments: 0..<2)
    func aLongHeaderForAServerOfHTTP2AloneIsAnError(task: Int) throws {
        try withServer("whole", sendsBodiesOverHTTP2: false) { client, url in
            let (path, more) = Self.longTasks[task]
            let error = try #require(client.result(of: try client.begin(url + path, more))?.error)
            #expect(error.errorClass == .protocol && !error.isRetryable)
            #expect(error.message.contains("the host speaks only HTTP/2"), "\(error.message)")
        }
    }

    /// A response counts even if it comes before the request is complete.
    ///
    /// After this response, the server may reset the stream with the code `NO_ERROR` (RFC 9113 §8.1).
    @Test func anEarlyResponseCounts() throws {
        try withServer("early") { client, url in
            let body = String(repeating: "x", count: 300_000)
            let task = try client.begin(url, #","method":"PUT","body":"\#(body)""#)
            let result = try #require(client.result(of: task))
            #expect(result.error == nil && result.status == 200)
        }
    }
}
