// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of retries for requests that must not be repeated, and of redirects to non-ASCII hosts.
@Suite(.ownThread)
struct RequestRepetitionTests {
    private func post(_ url: String) throws -> Record {
        let line = #"{"url":"\#(url)","method":"POST","body":"x"}"#
        return try #require(RunningProgram.run("fetchpool", ["-q", "-w", "1"], input: line).records.first)
    }

    @Test func postThatWasNotSentIsTriedAgain() throws {
        let port = try LoopbackPort()
        let record = try post("http://127.0.0.1:\(port.number)/")
        #expect(record.failure == Failure("fetch_error", "connect", isRetryable: true))
        #expect(record.attempt == 3)
    }

    @Test func postThatMayHaveArrivedIsNotRepeated() throws {
        let server = try ScriptedServer { _, _ in .reset }
        #expect(try post(server.base).attempt == 1)
        #expect(server.requests.count == 1)
    }

    /// A server may have acted on the request before it sends the status 429 or 503.
    ///
    /// For this reason, a client should not repeat the POST (RFC 9110 §9.2.2).
    @Test(arguments: ["429 Slow Down", "503 Busy"])
    func refusedPostIsNotRepeated(status: String) throws {
        let server = try ScriptedServer { _, peer in
            peer.respond(status, "Retry-After: 0")
            return .keep
        }
        let record = try post(server.base)
        #expect(record.attempt == 1 && server.requests.count == 1)
        #expect(record.outcome == "http_error")
        #expect(
            record.errorMessage.contains(
                #"not tried again: the request may have been processed ("idempotent":true"#
            )
        )
    }

    /// The result of a redirect to a non-ASCII host must not depend on the locale.
    @Test(arguments: ["C", "POSIX", "", "de_DE.ISO-8859-1"])
    func redirectToANonASCIIHostIsFollowed(locale: String) throws {
        let server = try ScriptedServer { request, peer in
            if request.target == "/" {
                let port = request.values("host").first?.split(separator: ":").last ?? ""
                peer.respond("302 Found", "Location: http://bücher.localhost:\(port)/there")
            } else {
                peer.respond()
            }
            return .keep
        }
        let program = BuiltPrograms.path("fetchpool-fetch")
        let finished = try RunningProgram.run(
            "/usr/bin/env",
            ["LC_ALL=\(locale)", program],
            input: server.base + "/"
        )
        let record = try #require(finished.records.first)
        #expect(record.outcome == "ok", "\(record.errorMessage)")
        #expect(server.requests.last?.target == "/there")
        #expect(server.requests.last?.values("host") == ["xn--bcher-kva.localhost:\(server.port)"])
    }
}
