// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of a server whose status lines name HTTP/2 although its connections use HTTP/1.1.
///
/// libcurl 7.88 believes such a line. It then sends a second request on a connection whose first response is
/// not complete, and gives the responses to the wrong transfers.
@Suite(.ownThread)
struct FalseVersionTests {
    /// A server in Python that prints its port; with the files of a certificate and its key, it uses TLS.
    ///
    /// The body of the response to `/KIND/N` has N bytes. With the kind `false`, the status line names
    /// HTTP/2. With `close`, the first request for a target on a reused connection gets no response: the
    /// connection is closed after a while. With `slow`, the response takes longer than that.
    private static let server = """
        import http.server, ssl, sys, time

        class Page(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            requests = 0
            closed = set()
            def do_GET(self):
                self.requests += 1
                kind, number = self.path[1:].split("/")
                number = int(number)
                if kind == "close" and self.requests > 1 and number not in self.closed:
                    self.closed.add(number)
                    time.sleep(0.4)
                    self.close_connection = True
                    return
                time.sleep({"slow": 0.8, "close": 0, "first": 0.05}.get(kind, 0.005))
                version = b"HTTP/2" if kind == "false" else b"HTTP/1.1"
                self.wfile.write(version + b" 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % number + b"x" * number)
            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 100
            def finish_request(self, request, address):
                try:
                    if len(sys.argv) > 1:
                        request = context.wrap_socket(request, server_side=True)
                    super().finish_request(request, address)
                    request.close()
                except OSError:
                    pass

        if len(sys.argv) > 1:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            context.set_alpn_protocols(["http/1.1"])
        server = Server(("127.0.0.1", 0), Page)
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    /// Fetches targets, given by their kinds in the order of their numbers, and checks the results.
    private func fetch(_ kinds: [String], concurrency: Int, usesTLS: Bool) throws {
        let fixture = try TLSFixture()
        let files = fixture.files(.good)
        let certificate = usesTLS ? [files.certificate, files.key] : []
        let server = try RunningProgram("/usr/bin/env", ["python3", "-c", Self.server] + certificate)
        defer { server.signal(SIGKILL) }
        let port = try #require(try server.line())
        var settings = FetchSettings()
        (settings.certificateFile, settings.concurrency) = (fixture.authority, concurrency)
        let client = try DrivenClient(settings)
        for (index, kind) in kinds.enumerated() {
            // The next targets use the connections of the first ones.
            let isSecond = index > 0 && kinds[index - 1] == "first" && kind != "first"
            #expect(client.turn { client.client.inFlight < (isSecond ? 1 : concurrency) })
            _ = try client.begin("\(usesTLS ? "https" : "http")://localhost:\(port)/\(kind)/\(index + 1)")
        }
        #expect(client.turn { client.client.inFlight == 0 })
        for (index, kind) in kinds.enumerated() {
            let result = try #require(client.results[index])
            if kind == "false" {
                #expect(result.error?.errorClass == .protocol && result.error?.isRetryable == false)
                #expect(result.error?.message.contains("names HTTP/2") == true)
            } else {
                #expect(result.error == nil && result.bodyBytes == index + 1, "\(kind) \(index): \(result)")
            }
        }
    }

    @Test(arguments: [false, true])
    func eachTaskGetsItsOwnResponse(usesTLS: Bool) throws {
        let kinds = (1...400).map { $0 % 20 == 0 ? "false" : "usual" }
        try fetch(kinds, concurrency: 16, usesTLS: usesTLS)
    }

    /// libcurl repeats a request whose reused connection closes without a response.
    @Test(arguments: [false, true])
    func aRepeatedRequestTakesNoConnectionOfAnotherTask(usesTLS: Bool) throws {
        let rows = [("first", 20), ("close", 20), ("slow", 20), ("false", 1)]
        try fetch(rows.flatMap { [String](repeating: $0.0, count: $0.1) }, concurrency: 100, usesTLS: usesTLS)
    }
}

/// Tests of servers behind one address, some of which speak HTTP/2 and others HTTP/1.1.
///
/// After a new HTTP/2 connection, libcurl 7.88 also shares the HTTP/1.1 connections to the host.
@Suite(.ownThread)
struct MixedVersionTests {
    /// A server in Python that prints its port, and whose responses have as many bytes as the bodies of their
    /// requests.
    ///
    /// Connections with odd numbers use HTTP/2, if the client offers it, for one request at a time. The
    /// others use HTTP/1.1.
    private static let server = """
        import socket, ssl, struct, sys, threading, time

        def context(names):
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.load_cert_chain(sys.argv[1], sys.argv[2])
            made.set_alpn_protocols(names)
            return made

        def frame(kind, flags, stream, payload=b""):
            return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

        def serve2(connection, file):
            file.read(24)
            connection.sendall(frame(4, 0, 0, b"\\0\\3" + struct.pack(">I", 1)) + frame(8, 0, 0, struct.pack(">I", 1 << 20)))
            bodies = {}
            while head := file.read(9):
                kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
                payload = file.read(int.from_bytes(head[:3], "big"))
                if kind == 4 and not flags & 1:
                    connection.sendall(frame(4, 1, 0))
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
            try:
                connection = contexts[number % 2].wrap_socket(connection, server_side=True)
                is2 = connection.selected_alpn_protocol() == "h2"
                (serve2 if is2 else serve1)(connection, connection.makefile("rb"))
                connection.close()
            except OSError:
                pass

        contexts = [context(["http/1.1"]), context(["h2", "http/1.1"])]
        listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        print(listener.getsockname()[1], flush=True)
        number = 0
        while True:
            number += 1
            threading.Thread(target=serve, args=(listener.accept()[0], number), daemon=True).start()

        """

    @Test func eachTaskGetsItsOwnResponse() throws {
        let fixture = try TLSFixture()
        let files = fixture.files(.good)
        let server = try RunningProgram(
            "/usr/bin/env",
            ["python3", "-c", Self.server, files.certificate, files.key]
        )
        defer { server.signal(SIGKILL) }
        let port = try #require(try server.line())
        var settings = FetchSettings()
        (settings.certificateFile, settings.concurrency) = (fixture.authority, 16)
        let client = try DrivenClient(settings)
        for number in 1...300 {
            #expect(client.turn { client.client.inFlight < 16 })
            let body = String(repeating: "x", count: number)
            _ = try client.begin("https://localhost:\(port)/\(number)", #","method":"PUT","body":"\#(body)""#)
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
