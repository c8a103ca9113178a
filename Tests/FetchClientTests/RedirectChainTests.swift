// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import PoolWire
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of several redirects in a row, and of the record's members `redirects` and `redirect_chain`.
@Suite(.ownThread)
struct RedirectChainTests {
    /// Creates a server that redirects from `/N` to `/N-1`; `/0` and all other targets are pages.
    ///
    /// If `fields` is not empty, it replaces the field `Location` of each redirect.
    private func server(_ fields: String = "", status: Int = 302) throws -> ScriptedServer {
        try ScriptedServer { request, peer in
            guard let number = Int(request.target.dropFirst()), number > 0 else {
                peer.respond(body: Array("page".utf8))
                return .keep
            }
            let location = fields.isEmpty ? "Location: /\(number - 1)" : fields
            peer.respond("\(status) Moved", location)
            return .keep
        }
    }

    private func urls(_ numbers: [Int], _ server: ScriptedServer) -> [String] {
        numbers.map { "\(server.base)/\($0)" }
    }

    @Test func eachRedirectIsInTheChain() throws {
        let server = try server()
        let result = try server.fetch(#"{"url":"BASE/3"}"#)
        #expect((result.status, result.redirects, server.connections) == (200, 3, 1))
        #expect(String(decoding: result.finalURL, as: UTF8.self) == "\(server.base)/0")
        #expect(
            result.redirectChain.map { String(decoding: $0.url, as: UTF8.self) } == urls([3, 2, 1], server)
        )
        #expect(result.redirectChain.map(\.status) == [302, 302, 302])
        var writer = JSONWriter()
        writer.beginObject()
        result.writeFields(into: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        let entry = #"{"url":"\#(server.base)/1","status":302}],"http_version""#
        #expect(text.contains(#""redirects":3,"redirect_chain":[{"url":"#) && text.contains(entry))
    }

    @Test func withoutARedirectThereIsNoChain() throws {
        let result = try server().fetch(#"{"url":"BASE/0"}"#)
        var writer = JSONWriter()
        writer.beginObject()
        result.writeFields(into: &writer)
        #expect(!String(decoding: writer.bytes, as: UTF8.self).contains("redirect_chain"))
    }

    @Test(arguments: [(20, 20, true), (20, 21, false), (1, 1, true), (1, 2, false)])
    func redirectsAreFollowedUpToTheLimit(limit: Int, hops: Int, isFine: Bool) throws {
        let server = try server()
        var settings = FetchSettings()
        settings.maxRedirects = limit
        let result = try server.fetch(#"{"url":"BASE/\#(hops)"}"#, settings)
        #expect(server.requests.count == limit + 1)
        #expect((result.redirects, result.status) == (limit, isFine ? 200 : 302))
        #expect(result.error?.errorClass == (isFine ? nil : .redirects))
        #expect(result.error?.isRetryable != true)
    }

    @Test func withALimitOf0TheRedirectIsTheFinalResponse() throws {
        var settings = FetchSettings()
        settings.maxRedirects = 0
        for location in ["", "Location: /1\r\nLocation: /2", "Location: mailto:x", "Location: http://"] {
            let result = try server(location).fetch(#"{"url":"BASE/1"}"#, settings)
            #expect((result.status, result.redirects) == (302, 0))
            #expect(result.error == nil && result.redirectChain.isEmpty)
        }
    }

    @Test func loopEndsAtTheLimit() throws {
        for location in ["/1", "#top", "1", "/x/../1"] {
            let server = try server("Location: \(location)")
            let result = try server.fetch(#"{"url":"BASE/1"}"#)
            #expect(result.error?.errorClass == .redirects && result.redirects == 10)
            #expect(server.requests.count == 11)
        }
    }

    @Test(arguments: ["Location:", "Location: ", "X-Location: /0", "Refresh: 0; url=/0"])
    func withoutALocationTheRedirectIsTheFinalResponse(field: String) throws {
        let result = try server(field).fetch(#"{"url":"BASE/1"}"#)
        #expect((result.status, result.redirects) == (302, 0) && result.error == nil)
    }

    @Test func severalLocationsAreAnErrorOnlyIfTwoDifferAndAreNotEmpty() throws {
        for fields in ["Location: /0\r\nlocation: /0", "Location:\r\nLocation: /0", "Location: /\r\n 0"] {
            let isFolded = fields.hasSuffix(" 0")
            let result = try server(fields).fetch(#"{"url":"BASE/1"}"#)
            #expect(result.error == nil && result.redirects == 1)
            #expect(String(decoding: result.finalURL, as: UTF8.self).hasSuffix(isFolded ? "/%200" : "/0"))
        }
        for fields in ["Location: /0\r\nLocation: /2", "Location: /0\r\nLocation: /0\r\n 2"] {
            let result = try server(fields).fetch(#"{"url":"BASE/1"}"#)
            #expect(result.error?.errorClass == .redirects && result.error?.isRetryable == false)
            #expect(result.error?.message.contains("two locations") == true)
        }
    }

    @Test(arguments: [
        ("http://", ErrorClass.redirects), ("http://[::1/", .redirects), ("http://a b/", .redirects),
        ("mailto:a@b.test", .scheme), ("file:///etc/passwd", .scheme),
    ])
    func locationThatCannotBeFetchedIsAnError(location: String, errorClass: ErrorClass) throws {
        let server = try server("Location: \(location)")
        let results = try server.fetch([#"{"url":"BASE/1"}"#, #"{"url":"BASE/0"}"#])
        #expect(results[0].error?.errorClass == errorClass, "\(results[0].error?.message ?? "")")
        #expect((results[0].status, results[0].redirects) == (302, 0))
        #expect(results[1].error == nil && results[1].status == 200)
    }

    @Test func theLocationOfAnInterimResponseIsIgnored() throws {
        let server = try ScriptedServer { request, peer in
            peer.send("HTTP/1.1 103 Early Hints\r\nLocation: /false\r\n\r\n")
            if request.target == "/" {
                peer.send("HTTP/1.1 100 Continue\r\n\r\n")
                peer.respond("301 Moved", "Location: /next")
            } else {
                peer.respond()
            }
            return .keep
        }
        let result = try server.fetch(#"{"url":"BASE/"}"#)
        #expect(result.error == nil && result.redirects == 1)
        #expect(server.requests.map(\.target) == ["/", "/next"])
    }

    @Test func timeoutAppliesToTheWholeChain() throws {
        let server = try ScriptedServer { request, peer in
            // The time-out of the client ends during one of these pauses.
            usleep(300_000)
            peer.respond("302 Found", "Location: /")
            return .keep
        }
        var settings = FetchSettings()
        (settings.timeout, settings.maxRedirects) = (.milliseconds(1_000), 100)
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect(result.error?.errorClass == .timeoutTotal && result.error?.isRetryable == true)
        #expect(result.redirects < 4 && result.redirectChain.count == result.redirects)
        let total = try #require(result.timing.total)
        #expect(total > 900_000)
    }

    @Test func timesIncludeAllRedirects() throws {
        let server = try ScriptedServer { request, peer in
            usleep(50_000)
            guard let number = Int(request.target.dropFirst()), number > 0 else {
                peer.respond()
                return .close
            }
            peer.respond("302 Found", "Location: /\(number - 1)")
            return .close
        }
        let result = try server.fetch(#"{"url":"BASE/4"}"#)
        let timing = result.timing
        let (total, first) = (try #require(timing.total), try #require(timing.firstByte))
        #expect(first >= 250_000 && total >= first)
        #expect(try #require(timing.connect) <= total)
    }

    @Test func failureAfterARedirectHasTheChain() throws {
        let closed = try LoopbackPort()
        let server = try server("Location: http://127.0.0.1:\(closed.number)/x")
        let result = try server.fetch(#"{"url":"BASE/1"}"#)
        #expect(result.error?.errorClass == .connect && result.wasSent)
        #expect((result.status, result.redirects) == (302, 1))
        #expect(String(decoding: result.finalURL, as: UTF8.self) == "http://127.0.0.1:\(closed.number)/x")
        #expect(result.redirectChain.map { String(decoding: $0.url, as: UTF8.self) } == urls([1], server))
        withExtendedLifetime(closed) {}
    }

    @Test func anInterimResponseBeforeAFailureDoesNotHideTheRedirect() throws {
        let server = try ScriptedServer { request, peer in
            if request.target == "/1" {
                peer.respond("302 Found", "Location: /0")
                return .keep
            }
            peer.send("HTTP/1.1 103 Early Hints\r\n\r\n")
            return .close
        }
        let result = try server.fetch(#"{"url":"BASE/1"}"#)
        #expect(result.error?.errorClass == .reset && result.status == 302)
        #expect(result.redirectChain.map { String(decoding: $0.url, as: UTF8.self) } == urls([1], server))
        #expect(String(decoding: result.finalURL, as: UTF8.self) == "\(server.base)/0")
    }
}
