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
    /// The body of the response to `/N` has N bytes. If 20 divides N, the status line names HTTP/2.
    private static let server = """
        import http.server, ssl, sys, time

        class Page(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                time.sleep(0.005)
                number = int(self.path[1:])
                version = b"HTTP/2" if number % 20 == 0 else b"HTTP/1.1"
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

    @Test(arguments: [false, true])
    func eachTaskGetsItsOwnResponse(usesTLS: Bool) throws {
        let fixture = try TLSFixture()
        let files = fixture.files(.good)
        let certificate = usesTLS ? [files.certificate, files.key] : []
        let server = try RunningProgram("/usr/bin/env", ["python3", "-c", Self.server] + certificate)
        defer { server.signal(SIGKILL) }
        let port = try #require(try server.line())
        var settings = FetchSettings()
        (settings.certificateFile, settings.concurrency) = (fixture.authority, 16)
        let client = try DrivenClient(settings)
        for number in 1...400 {
            #expect(client.turn { client.client.inFlight < 16 })
            _ = try client.begin("\(usesTLS ? "https" : "http")://localhost:\(port)/\(number)")
        }
        #expect(client.turn { client.client.inFlight == 0 })
        for number in 1...400 {
            let result = try #require(client.results[number - 1])
            if number % 20 == 0 {
                #expect(result.error?.errorClass == .protocol && result.error?.isRetryable == false)
                #expect(result.error?.message.contains("names HTTP/2") == true)
            } else {
                #expect(result.error == nil && result.bodyBytes == number, "\(number): \(result)")
            }
        }
    }
}
