// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of HTTP/2 servers that send frames without end, or some frames without content.
@Suite(.ownThread)
struct FrameFloodTests {
    /// An HTTP/2 server in Python that prints its port.
    ///
    /// The third argument chooses the kind of the frames that the server sends without end after the request.
    /// With `calm`, the server sends only 102 frames without content, and then the whole body.
    private static let server =
        PythonTLSServer.prelude + """
            def serve(connection, number):
                for kind, _, stream, _ in frames(connection, connection.makefile("rb")):
                    if kind == 1:
                        break
                goaway = frame(7, 0, 0, struct.pack(">II", 0x7FFFFFFF, 0))
                empty = frame(0, 0, stream)
                floods = {
                    "goaway": goaway,
                    "goaway-and-body": goaway + frame(0, 0, stream, b"x"),
                    "empty": empty,
                    "padding": frame(0, 8, stream, bytes([255]) + bytes(255)),
                    "priority": frame(2, 0, stream, bytes(5)),
                    "reset": frame(3, 0, stream, bytes(4)),
                    "settings": frame(4, 0, 0),
                    "push": frame(5, 4, stream, bytes([0, 0, 0, 2, 0x82])),
                    "ping": frame(6, 0, 0, bytes(8)),
                    "pong": frame(6, 1, 0, bytes(8)),
                    "update": frame(8, 0, 0, bytes([0, 0, 0, 1])),
                    "unknown": frame(77, 0, 0),
                    "early-hints": frame(1, 4, stream, b"\\x08\\x03103"),
                }
                if sys.argv[3] != "early-hints":
                    connection.sendall(frame(1, 4, stream, b"\\x88"))
                if sys.argv[3] == "calm":
                    few = goaway * 2 + empty * 50 + floods["update"] * 50
                    connection.sendall(few + frame(0, 1, stream, b"hi"))
                    connection.recv(1)
                else:
                    # Unknown frames count only by their bytes in one call of libcurl, so many are sent.
                    flood = floods[sys.argv[3]] * (200_000 if sys.argv[3] == "unknown" else 1_000)
                    while True:
                        connection.sendall(flood)

            listen(serve)

            """

    /// While one call of the client lasts, the other tasks of the client wait.
    @Test(
        arguments: [
            ("goaway", ErrorClass.protocol), ("goaway-and-body", .protocol), ("empty", .protocol),
            ("padding", .protocol), ("priority", .protocol), ("reset", .protocol), ("settings", .protocol),
            ("push", .reset), ("ping", .protocol), ("pong", .protocol), ("update", .protocol),
            ("unknown", .protocol), ("early-hints", .protocol),
        ]
    )
    func aFloodOfFramesEndsItsTask(frames: String, errorClass: ErrorClass) throws {
        try withTLSServer(Self.server, [frames]) { client, port in
            let task = try client.begin("https://localhost:\(port)/", #","timeout_s":4"#)
            var (last, longest) = (ContinuousClock.now, Duration.zero)
            #expect(
                client.turn {
                    longest = max(longest, ContinuousClock.now - last)
                    last = .now
                    return client.results[task] != nil
                }
            )
            let error = try #require(client.results[task]?.error)
            #expect(error.errorClass == errorClass, "\(error.message)")
            // After five seconds of silence, the coordinator ends the worker.
            #expect(longest < .seconds(4.5))
        }
    }

    @Test func aFewFramesWithoutContentAreNoFlood() throws {
        try withTLSServer(Self.server, ["calm"]) { client, port in
            let result = try #require(try client.fetch("https://localhost:\(port)/"))
            #expect(result.error == nil && result.bodyBytes == 2)
        }
    }
}
