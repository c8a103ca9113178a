// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of one address behind which some servers speak HTTP/2 and others speak only HTTP/1.1.
///
/// Once a host has an HTTP/2 connection, libcurl 7.88 can also give one HTTP/1.1 connection to several
/// transfers at a time.
@Suite(.ownThread)
struct MixedVersionTests {
    /// A server in Python that prints its port, and whose responses have as many bytes as the bodies of their
    /// requests.
    ///
    /// Every second connection, beginning with the first, uses HTTP/2 for one request at a time, if the
    /// client offers HTTP/2. The other connections use HTTP/1.1.
    private static let server =
        PythonTLSServer.prelude + """
            def serve2(connection, file):
                connection.sendall(frame(4, 0, 0, b"\\0\\3" + struct.pack(">I", 1)) + frame(8, 0, 0, struct.pack(">I", 1 << 20)))
                bodies = {}
                for kind, flags, stream, payload in frames(connection, file):
                    if kind == 0:
                        bodies[stream] = bodies.get(stream, 0) + len(payload)
                        if flags & 1:
                            time.sleep(0.01)
                            connection.sendall(frame(1, 4, stream, b"\\x88") + frame(0, 1, stream, b"x" * bodies[stream]))

            def serve1(connection, file):
                while line := file.readline():
                    length = 0
                    while (line := file.readline()) not in (b"\\r\\n", b""):
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    file.read(length)
                    time.sleep(0.01)
                    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % length + b"x" * length)

            def serve(connection, number):
                is2 = connection.selected_alpn_protocol() == "h2"
                (serve2 if is2 else serve1)(connection, connection.makefile("rb"))
                connection.close()

            listen(serve, lambda number: ["h2", "http/1.1"] if number % 2 == 0 else ["http/1.1"])

            """

    @Test func eachTaskGetsItsOwnResponse() throws {
        try withTLSServer(Self.server, [], { $1.sendsBodiesOverHTTP2 = true }) { client, port in
            for number in 1...300 {
                #expect(client.turn { client.client.inFlight < 16 })
                let body = String(repeating: "x", count: number)
                _ = try client.begin(
                    "https://localhost:\(port)/\(number)",
                    #","method":"PUT","body":"\#(body)""#
                )
            }
            #expect(client.turn { client.client.inFlight == 0 })
            let versions = Set(client.results.values.compactMap { $0.httpVersion?.description })
            #expect(versions == ["1.1", "2"])
            for number in 1...300 {
                let result = try #require(client.results[number - 1])
                #expect(result.error == nil && result.bodyBytes == number, "\(number): \(result)")
            }
        }
    }
}
