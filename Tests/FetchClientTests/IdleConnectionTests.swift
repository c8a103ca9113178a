// SPDX-License-Identifier: MIT
// fetchpool

import Dispatch
import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of bytes that arrive on an idle connection (RFC 9112 §9.2).
@Suite(.ownThread)
struct IdleConnectionTests {
    /// The signals between two servers.
    ///
    /// The first server sends bytes after the other server has got a request. The other server responds after
    /// these bytes were sent.
    private final class Meeting: Sendable {
        private let (asked, sent) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))

        func waitUntilAsked() { _ = asked.wait(timeout: .now() + 20) }
        func tellSent() { sent.signal() }
        func tellAskedAndWaitUntilSent() {
            asked.signal()
            _ = sent.wait(timeout: .now() + 20)
        }
    }

    private static let late = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother",
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "\r\n", "<!-- made in 0.1 s -->",
    ]

    /// Creates two servers.
    ///
    /// The first server sends `late` on the connection of a request for `/first`, while the connection is
    /// idle. The other server then responds to `/wait`, and redirects other requests to the first server.
    private func servers(_ late: String) throws -> (first: ScriptedServer, other: ScriptedServer) {
        let meeting = Meeting()
        let first = try ScriptedServer { request, peer in
            peer.respond(body: Array("\(request.method) \(request.target) \(request.body.count)".utf8))
            if request.target == "/first" {
                meeting.waitUntilAsked()
                peer.send(late)
                meeting.tellSent()
            }
            return .keep
        }
        let base = first.base
        let other = try ScriptedServer { request, peer in
            meeting.tellAskedAndWaitUntilSent()
            if request.target == "/wait" {
                peer.respond()
            } else {
                peer.respond("303 See Other", "Location: \(base)/second")
            }
            return .keep
        }
        return (first, other)
    }

    private func bodies(_ tasks: [String], _ server: ScriptedServer) throws -> [String] {
        var settings = FetchSettings()
        (settings.concurrency, settings.wantsResponses) = (1, true)
        return try server.fetch(tasks, settings).map { result in
            #expect(result.error == nil, "\(result.error?.message ?? "")")
            return String(decoding: result.body ?? [], as: UTF8.self)
        }
    }

    @Test(arguments: late)
    func unexpectedBytesAreNotAResponse(late: String) throws {
        let (first, other) = try servers(late)
        let body = String(repeating: "b", count: 300_000)
        let put = #"{"url":"BASE/second","method":"PUT","body":"\#(body)"}"#
        let tasks = [#"{"url":"BASE/first"}"#, #"{"url":"\#(other.base)/wait"}"#, put]
        let bodies = try bodies(tasks + [#"{"url":"BASE/third"}"#], first)
        #expect(bodies == ["GET /first 0", "", "PUT /second 300000", "GET /third 0"])
        // Each request was sent once, and the connection of `/second` was reused for `/third`.
        #expect(first.requests.map(\.target) == ["/first", "/second", "/third"])
        #expect(first.connections == 2)
    }

    @Test(arguments: late)
    func afterUnexpectedBytesTheRequestOfARedirectIsSentOnce(late: String) throws {
        let (first, other) = try servers(late)
        let post = #"{"url":"\#(other.base)/post","method":"POST","body":"x"}"#
        let get = #"{"url":"\#(other.base)/get"}"#
        for task in [get, post] {
            let (requests, asked) = (first.requests.count, other.requests.count)
            let bodies = try bodies([#"{"url":"BASE/first"}"#, task], first)
            #expect(bodies == ["GET /first 0", "GET /second 0"])
            #expect(first.requests.count - requests == 2)
            #expect(other.requests.count - asked == 1)
        }
    }

    @Test func aConnectionWithoutUnexpectedBytesIsReused() throws {
        let server = try ScriptedServer { _, peer in
            peer.respond()
            return .keep
        }
        _ = try bodies(Array(repeating: #"{"url":"BASE/"}"#, count: 20), server)
        #expect(server.connections == 1)
    }
}
