// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the connections that requests use, and of the property `wasSent` of results.
@Suite(.ownThread)
struct ConnectionTests {
    @Test func aRetryGetsANewConnection() throws {
        let server = try ScriptedServer { _, peer in
            peer.respond()
            return .keep
        }
        var settings = FetchSettings()
        settings.concurrency = 1
        let task = #"{"url":"BASE/"}"#
        #expect(try server.fetch([task, task, task], settings).allSatisfy { $0.error == nil })
        #expect(server.connections == 1)
        #expect(
            try server.fetch([task, task, task], settings, areRetries: true).allSatisfy { $0.error == nil }
        )
        #expect(server.connections == 4)
    }

    /// libcurl 7.88 repeats a request at most five times, but counts the repetitions of all tasks of an easy
    /// handle together.
    @Test func noTaskFailsIfKeptConnectionsCloseAtTheNextRequest() throws {
        let server = try ScriptedServer { request, peer in
            guard request.ordinal == 0 else { return .reset }
            peer.respond()
            return .keep
        }
        var settings = FetchSettings()
        settings.concurrency = 1
        let results = try server.fetch(Array(repeating: #"{"url":"BASE/"}"#, count: 30), settings)
        #expect(results.allSatisfy { $0.error == nil && $0.status == 200 })
        #expect(server.requests.count > server.connections)
    }

    @Test func anUnsentRequestIsReported() throws {
        let nobody = try LoopbackPort()
        let port = nobody.number
        let server = try ScriptedServer { request, peer in
            guard request.target == "/303" else { return .reset }
            peer.respond("303 See Other", "Location: http://127.0.0.1:\(port)/")
            return .keep
        }
        let urls = ["http://127.0.0.1:\(port)/", "BASE/", "BASE/303"]
        let results = try server.fetch(urls.map { #"{"url":"\#($0)","method":"POST"}"# })
        #expect(results.map(\.wasSent) == [false, true, true])
        #expect(results.map(\.error?.errorClass) == [.connect, .reset, .connect])
    }

    /// libcurl repeats the second request on a new connection, and keeps the text about the reset.
    @Test func theMessageIsAboutTheLastTry() throws {
        let server = try ScriptedServer { request, peer in
            switch (request.connection, request.ordinal) {
            case (1, 0):
                peer.respond()
                return .keep
            case (1, _): return .reset
            default:
                peer.send("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n")
                return .close
            }
        }
        var settings = FetchSettings()
        settings.concurrency = 1
        let results = try server.fetch(Array(repeating: #"{"url":"BASE/"}"#, count: 2), settings)
        #expect(results[0].error == nil)
        let error = try #require(results[1].error)
        #expect(error.errorClass == .protocol)
        #expect(error.message == "the response breaks the rules of HTTP")
    }

    /// libcurl counts the chunks of one read only after it has passed on all of them.
    @Test func theReceivedBytesOfARefusedBodyAreCounted() throws {
        let chunk = "1f40\r\n" + String(repeating: "x", count: 8_000) + "\r\n"
        let server = try ScriptedServer { _, peer in
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            peer.send(head + String(repeating: chunk, count: 40) + "0\r\n\r\n")
            return .close
        }
        var settings = FetchSettings()
        settings.maxBodyBytes = 100_000
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect(result.error?.errorClass == .tooLarge)
        #expect(result.wireBytes >= result.bodyBytes && result.bodyBytes > 100_000)
    }
}
