// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Synchronization
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the bodies of redirects.
///
/// The client reads the body of a redirect only to reuse the connection.
@Suite(.ownThread)
struct DroppedBodyTests {
    /// Creates a server that redirects from `/` to `/next`; `rest` is the response after the field
    /// `Location`.
    ///
    /// If `piece` is not empty, the server then sends the piece again and again until the client closes the
    /// connection, and counts the bytes of all pieces. If `next` is `.keep`, the server does not close the
    /// connection of the redirect before the client does.
    private func server(
        _ rest: String,
        piece: String = "",
        version: String = "HTTP/1.1",
        next: ScriptedServer.Next = .keep
    ) throws -> (ScriptedServer, CountedBytes) {
        let taken = CountedBytes()
        let server = try ScriptedServer { request, peer in
            guard request.target == "/" else {
                peer.respond(body: Array("there".utf8))
                return .keep
            }
            peer.send("\(version) 302 Found\r\nLocation: /next\r\n\(rest)")
            while !piece.isEmpty, peer.send(piece) { taken.add(piece.utf8.count) }
            if next == .keep { peer.waitForEnd() }
            return next
        }
        return (server, taken)
    }

    private static let dots = String(repeating: ".", count: 1 << 16)

    @Test(arguments: [
        ("Content-Length: 9000000000000\r\n\r\n", dots), ("\r\n", dots), ("Connection: close\r\n\r\n", dots),
        ("Transfer-Encoding: chunked\r\n\r\n", "10000\r\n\(dots)\r\n"),
        ("Transfer-Encoding: identity\r\nContent-Length: 9000000000000\r\n\r\n", dots),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", "10000\r\n\(dots)\r\n"),
    ])
    func theClientStopsReadingAnEndlessBodyOfARedirect(rest: String, piece: String) throws {
        let (server, taken) = try server(rest, piece: piece)
        var settings = FetchSettings()
        settings.maxBodyBytes = 1 << 20
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect((result.status, result.redirects, result.bodyBytes, result.wireBytes) == (200, 1, 5, 5))
        #expect(server.connections == 2)
        // The bound is larger than the sum of the socket buffers of both ends.
        #expect(taken.sum < 32 << 20)
    }

    @Test(arguments: ["Content-Length: 9000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"])
    func bodyOfARedirectCountsAgainstTheLimit(rest: String) throws {
        let piece = rest.hasPrefix("T") ? "10\r\n0123456789abcdef\r\n" : "0123456789abcdef"
        let (server, _) = try server(rest, piece: piece)
        var settings = FetchSettings()
        settings.maxBodyBytes = 1_000
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect(result.error?.errorClass == .tooLarge, "\(result.error?.message ?? "")")
        #expect((result.status, result.redirects) == (302, 0))
    }

    @Test(arguments: [
        ("Content-Length: 100\r\n\r\nshort", "HTTP/1.1"), ("Content-Length: 100\r\n\r\n", "HTTP/1.0"),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nshort", "HTTP/1.1"), ("\r\n", "HTTP/1.0"),
        ("Connection: keep-alive, Close\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1"),
    ])
    func hangingBodyIsNotAwaited(rest: String, version: String) throws {
        let (server, _) = try server(rest, version: version)
        let begun = ContinuousClock.now
        let result = try server.fetch(#"{"url":"BASE/"}"#)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect((result.status, result.redirects) == (200, 1))
        // If a client waited for the body, the speed guard would end the response after ten seconds.
        #expect(ContinuousClock.now - begun < .seconds(9))
    }

    @Test(arguments: [
        "Content-Length: 100\r\n\r\nshort", "Transfer-Encoding: chunked\r\n\r\n5\r\nshort",
        "Transfer-Encoding: chunked\r\n\r\nno chunk", "Content-Encoding: gzip\r\n\r\nno gzip",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nshort", "Transfer-Encoding: binary\r\n\r\nshort",
    ])
    func incompleteOrBrokenBodyDoesNotMatter(rest: String) throws {
        let (server, _) = try server(rest, next: .close)
        let result = try server.fetch(#"{"url":"BASE/"}"#)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect((result.status, result.redirects) == (200, 1))
    }

    @Test func largeBodyOfARedirectIsReadAndForgotten() throws {
        let server = try ScriptedServer { request, peer in
            let body = [UInt8](repeating: 0x2E, count: 65_536)
            if request.target == "/" {
                peer.respond("302 Found", "Location: /next", body: body)
            } else {
                peer.respond()
            }
            return .keep
        }
        let result = try server.fetch(#"{"url":"BASE/"}"#)
        #expect((result.status, result.redirects, result.bodyBytes) == (200, 1, 0))
        #expect(server.connections == 1)
    }

    @Test func bytesAfterABodyAreNotAResponseToTheNextRequest() throws {
        let server = try ScriptedServer { request, peer in
            guard request.target == "/" else {
                peer.respond(body: Array("mine".utf8))
                return .keep
            }
            let other = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse"
            peer.send("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 2\r\n\r\nab\(other)")
            return .keep
        }
        var settings = FetchSettings()
        settings.wantsResponses = true
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect(result.body == Array("mine".utf8))
    }

    @Test func theClientDoesNotWaitForTheBodyOfAHEAD() throws {
        let server = try ScriptedServer { request, peer in
            peer.send("HTTP/1.1 \(request.target == "/" ? "302 Found\r\nLocation: /next" : "200 OK")\r\n")
            peer.send("Content-Length: 100000000000\r\n\r\n")
            return .keep
        }
        let result = try server.fetch(#"{"url":"BASE/","method":"HEAD"}"#)
        #expect(result.error == nil && result.redirects == 1)
        #expect(server.requests.map(\.method) == ["HEAD", "HEAD"])
        #expect(server.connections == 1)
    }
}

/// A count of bytes that another thread increases.
private final class CountedBytes: Sendable {
    private let count = Atomic<Int>(0)

    var sum: Int { count.load(ordering: .relaxed) }

    func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }
}
