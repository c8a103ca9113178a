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
    /// A server in Python that prints its port.
    ///
    /// If the arguments are the paths of a certificate and of its key, the server uses TLS.
    ///
    /// The body of the response to `/KIND/N` has N bytes. With the kind `false`, the status line names
    /// HTTP/2. With `close`, the server does not respond to the first request for each target on a reused
    /// connection, but closes the connection after 0.4 s. With `slow`, the response comes after 0.8 s; with
    /// any other kind, after at most 0.05 s.
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

    /// Fetches one target for each element of `kinds`, and checks the results.
    ///
    /// The targets have the numbers 1, 2, 3 and so on.
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
            // The target after the last target of the kind `first` begins when all connections are idle. So
            // this target and the next targets reuse the connections.
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
