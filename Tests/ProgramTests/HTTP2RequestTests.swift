// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of HTTP/2 requests that get no response, and of requests with a body.
///
/// A server can say that it has not processed a request. The server may have processed every other request
/// without a response. RFC 9113 §8.1 and §8.7 have the rules.
@Suite(.ownThread)
struct HTTP2RequestTests {
    private let fixture: TLSFixture
    private let folder: TestFolder

    init() throws {
        fixture = try TLSFixture()
        folder = TestFolder()
    }

    /// A server whose third argument names its behaviour for HTTP/2 requests on its first connection.
    ///
    /// The behaviour `whole` is a response with status 200. Requests over HTTP/1 or on later connections
    /// always get such a response. The server prints its port, and then a line `request` for each request.
    private static let server =
        PythonTLSServer.prelude + """
            def goaway(last, error=0):
                return frame(7, 0, 0, struct.pack(">II", last, error))

            def serve(connection, number):
                file = connection.makefile("rb")
                if connection.selected_alpn_protocol() != "h2":
                    # The response comes before the rest of the request is read.
                    while file.readline() != b"\\r\\n":
                        pass
                    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi")
                    print("request", flush=True)
                    file.read()
                    return
                for kind, flags, stream, _ in frames(connection, file):
                    if kind > 1 or not flags & 1:
                        continue
                    print("request", flush=True)
                    if number > 0 or sys.argv[3] == "whole":
                        connection.sendall(frame(1, 4, stream, b"\\x88") + frame(0, 1, stream, b"hi"))
                        continue
                    {
                        "none": lambda: connection.sendall(goaway(0)),
                        "none-enhance-your-calm": lambda: connection.sendall(goaway(0, 11)),
                        "this": lambda: connection.sendall(goaway(stream)),
                        "nothing": lambda: None,
                        "refused": lambda: connection.sendall(frame(3, 0, stream, struct.pack(">I", 7))),
                        "garbage": lambda: connection.sendall(frame(0, 0, 0, b"x")),
                    }[sys.argv[3]]()
                    if sys.argv[3] != "refused":
                        break
                file.close()
                connection.close()

            listen(serve, lambda number: ["h2", "http/1.1"])

            """

    /// The arguments are the server's behaviour, and the expected results of one POST.
    ///
    /// The results are the outcome, and the number of requests that the server gets.
    @Test(
        arguments: [
            ("none", "ok", 2), ("none-enhance-your-calm", "ok", 2), ("refused", "ok", 2),
            ("this", "fetch_error", 1), ("nothing", "fetch_error", 1), ("garbage", "fetch_error", 1),
        ]
    )
    func aPostIsSentAgainOnlyIfTheServerSaysThatItHasNotProcessedThePost(
        _ behavior: String,
        _ outcome: String,
        _ requests: Int
    ) throws {
        let (record, seen) = try post([], behavior: behavior)
        #expect(record.outcome == outcome, "\(record.errorMessage)")
        #expect(seen == requests)
    }

    /// libcurl 7.88 can lose a response that comes over HTTP/2 before the request's body is sent completely.
    @Test func aRequestWithABodyUsesHTTP1IfTheServerOffersIt() throws {
        let (record, seen) = try post(
            [UInt8](repeating: UInt8(ascii: "x"), count: 300_000),
            behavior: "nothing"
        )
        #expect(record.outcome == "ok", "\(record.errorMessage)")
        #expect(record.httpVersion == "1.1" && seen == 1)
    }

    @Test func aRequestWithABodyDoesNotUseTheOpenHTTP2Connection() throws {
        let script = try folder.write(Self.server, to: "server.py")
        let files = fixture.files(.good)
        let words = ["python3", script, files.certificate, files.key, "whole"]
        let server = try RunningProgram("/usr/bin/env", words)
        defer { server.signal(SIGKILL) }
        let url = "https://localhost:\(try #require(try server.line()))/"
        let lines = "\(url)\n{\"url\":\"\(url)\",\"method\":\"PUT\",\"body\":\"x\"}\n\(url)\n"
        let arguments = ["-q", "-w", "1", "-c", "1", "--cacert", fixture.authority]
        let records = try RunningProgram.run("fetchpool", arguments, input: lines).records
        #expect(records.map(\.outcome) == ["ok", "ok", "ok"])
        #expect(records.prefix(2).map(\.httpVersion) == ["2", "1.1"])
    }

    /// A server that sends HTTP/2 even to a client that does not offer HTTP/2.
    ///
    /// The server prints its port, and then a line `connection` for each connection.
    private static let onlyHTTP2 =
        PythonTLSServer.prelude + """
            def serve(connection, number):
                print("connection", flush=True)
                if connection.selected_alpn_protocol() != "h2":
                    connection.sendall(frame(4, 0, 0))
                    connection.recv(1 << 16)
                    connection.close()
                    return
                for kind, flags, stream, _ in frames(connection, connection.makefile("rb")):
                    if kind <= 1 and flags & 1:
                        connection.sendall(frame(1, 4, stream, b"\\x88") + frame(0, 1, stream, b"hi"))

            listen(serve)

            """

    @Test(arguments: [([], "ok", 2), (["--http1.1"], "fetch_error", 1)] as [([String], String, Int)])
    func aBodyGoesOverHTTP2IfTheHostSpeaksNothingElse(
        _ options: [String],
        _ outcome: String,
        _ connections: Int
    ) throws {
        let script = try folder.write(Self.onlyHTTP2, to: "server.py")
        let files = fixture.files(.good)
        let server = try RunningProgram("/usr/bin/env", ["python3", script, files.certificate, files.key])
        let port = try #require(try server.line())
        let task = #"{"url":"https://localhost:\#(port)/","method":"PUT","body":"x"}"#
        let arguments = ["-q", "-w", "1", "--retries", "0", "--cacert", fixture.authority] + options
        let records = try RunningProgram.run("fetchpool", arguments, input: task + "\n").records
        server.signal(SIGKILL)
        var seen = 0
        while try server.line() == "connection" { seen += 1 }
        #expect(records.map(\.outcome) == [outcome], "\(records.map(\.errorMessage))")
        #expect(seen == connections)
    }

    /// Sends a POST with the given body; returns the record, and the number of requests that the server got.
    private func post(_ body: [UInt8], behavior: String) throws -> (Record, Int) {
        let script = try folder.write(Self.server, to: "server.py")
        let files = fixture.files(.good)
        let words = ["python3", script, files.certificate, files.key, behavior]
        let server = try RunningProgram("/usr/bin/env", words)
        let port = try #require(try server.line())
        let text = String(decoding: body, as: UTF8.self)
        let task = #"{"url":"https://localhost:\#(port)/","method":"POST","body":"\#(text)"}"#
        let arguments = ["-q", "-w", "1", "--cacert", fixture.authority]
        let finished = try RunningProgram.run("fetchpool", arguments, input: task + "\n")
        let record = try #require(try finished.records.first)
        server.signal(SIGKILL)
        var seen = 0
        while try server.line() == "request" { seen += 1 }
        return (record, seen)
    }
}
