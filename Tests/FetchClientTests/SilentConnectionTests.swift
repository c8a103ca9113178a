// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of HTTP/2 connections that become silent, although they stay open.
@Suite(.ownThread)
struct SilentConnectionTests {
    /// An HTTP/2 server in Python that prints its port.
    ///
    /// On the first connection, the server responds to the first request at once, to the second request after
    /// six seconds, and to no other request. On other connections, the server responds to each request at
    /// once. The body of a response is the number of its connection, counted from 1. With a third argument,
    /// the server never responds.
    private static let server =
        PythonTLSServer.prelude + """
            def answer(connection, stream, number):
                body = b"%d" % (number + 1)
                connection.sendall(frame(1, 4, stream, b"\\x88") + frame(0, 1, stream, body))

            def serve(connection, number):
                for kind, _, stream, _ in frames(connection, connection.makefile("rb")):
                    if len(sys.argv) > 3:
                        continue
                    if kind == 1 and (number > 0 or stream == 1):
                        answer(connection, stream, number)
                    elif kind == 1 and stream == 3:
                        threading.Timer(6, answer, (connection, stream, number)).start()

            listen(serve)

            """

    /// Starts the server and a client whose first task has used the first connection; then calls `body` with
    /// the client, the URL of the server, and its port.
    private func withSilentConnection(_ body: (DrivenClient, String, UInt16) throws -> Void) throws {
        try withTLSServer(Self.server) { client, port in
            let url = "https://localhost:\(port)/"
            let first = try #require(try client.fetch(url))
            #expect(first.error == nil && first.httpVersion?.description == "2")
            try body(client, url, port)
        }
    }

    @Test func newTasksDoNotUseASilentConnectionWhileAnOldTaskStillRunsOnIt() throws {
        try withSilentConnection { client, url, _ in
            let slow = try client.begin(url)
            let begun = ContinuousClock.now
            // The server must get the request of the slow task before the requests of the other tasks.
            #expect(client.turn { ContinuousClock.now - begun > .milliseconds(200) })
            let silent = try (1...4).map { _ in try client.begin(url, #","timeout_s":1"#) }
            for task in silent {
                #expect(client.result(of: task)?.error?.errorClass == .timeoutTotal)
            }
            for _ in 1...3 {
                #expect(try client.fetch(url)?.error == nil)
                #expect(client.results[slow] == nil, "the slow task must still run")
            }
            #expect(try #require(client.result(of: slow)).error == nil)
        }
    }

    /// After two hosts, the client makes the next multi handle of libcurl.
    ///
    /// If a request of an old multi handle times out, libcurl closes the connection of this request. The
    /// client learns of the time-out only afterwards.
    @Test func connectionsThatLibcurlHasClosedLeaveNoDescriptor() throws {
        func change(_ settings: inout FetchSettings, _ guards: inout ClientGuards) {
            (settings.isInsecure, settings.timeout, guards.hostsPerHandle) = (true, .milliseconds(300), 2)
        }
        try withTLSServer(Self.server, ["none"], change) { client, port in
            let before = Self.severedSockets
            for number in 1...120 {
                _ = try client.begin("https://host\(number).localhost:\(port)/")
                #expect(client.turn { client.client.inFlight < 16 })
            }
            #expect(client.turn { client.client.inFlight == 0 })
            #expect(client.results.values.allSatisfy { $0.error != nil })
            // Tests that run at the same time may have a few severed sockets.
            #expect(Self.severedSockets < before + 40)
        }
    }

    /// The number of sockets of this process that `clinux_sever` has replaced by a closed connection.
    ///
    /// Only the descriptors from 3 to 4,095 are checked.
    private static var severedSockets: Int {
        (Int32(3)..<4_096).count { descriptor in
            var (domain, byte): (Int32, UInt8) = (0, 0)
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0, domain == AF_UNIX
            else { return false }
            return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
        }
    }

    @Test func aSilentConnectionIsClosedAfterItsLastTask() throws {
        try withSilentConnection { client, url, port in
            // The server answers one of these tasks late, so this task times out too.
            let silent = try (1...4).map { _ in try client.begin(url, #","timeout_s":1"#) }
            for task in silent {
                #expect(client.result(of: task)?.error?.errorClass == .timeoutTotal)
            }
            for _ in 1...10 { #expect(try client.fetch(url)?.error == nil) }
            #expect(connections(to: port) == 1)
        }
    }
}
