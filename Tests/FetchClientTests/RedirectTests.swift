// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of fields and cookies after redirects, of responses without a body, and of IPv6 URLs.
@Suite(.ownThread)
struct RedirectTests {
    private let server: FixtureServer
    private let other: FixtureServer

    init() throws {
        server = try FixtureServer()
        other = try FixtureServer()
    }

    /// Returns the request that `/echo` received at the end of a task, as JSON.
    private func echo(_ task: String, _ settings: FetchSettings = FetchSettings()) throws -> String {
        try echoes([task], settings)[0]
    }

    private func echoes(_ tasks: [String], _ settings: FetchSettings = FetchSettings()) throws -> [String] {
        var settings = settings
        (settings.wantsResponses, settings.concurrency) = (true, 1)
        let tasks = tasks.map { $0.replacing("OTHER", with: other.base) }
        return try server.fetch(tasks, settings).map {
            String(decoding: try #require($0.body), as: UTF8.self)
        }
    }

    private let secrets = #""headers":{"Authorization":"Bearer own","Cookie":"own=1","X-Plain":"yes"}"#

    @Test func secretsOfATaskAreSentOnlyToItsOrigin() throws {
        let same = try echo(#"{"url":"BASE/redirect-to?url=/echo",\#(secrets)}"#)
        #expect(same.contains("Bearer own") && same.contains("own=1") && same.contains("X-Plain"))
        // A different port makes a different origin (RFC 6454 §4).
        let across = try echo(#"{"url":"BASE/redirect-to?url=OTHER/echo",\#(secrets)}"#)
        #expect(!across.contains("Bearer own") && !across.contains("own=1"))
        #expect(across.contains("X-Plain"))
    }

    @Test func commonSecretsAreSentOnlyToTheOriginOfEachTask() throws {
        var settings = FetchSettings()
        settings.headers = [
            HeaderField(name: "authorization", value: "Bearer common"),
            HeaderField(name: "cookie", value: "common=1"),
        ]
        let direct = try echo(#"{"url":"OTHER/echo"}"#, settings)
        #expect(direct.contains("Bearer common") && direct.contains("common=1"))
        let across = try echo(#"{"url":"BASE/redirect-to?url=OTHER/echo"}"#, settings)
        #expect(!across.contains("Bearer common") && !across.contains("common=1"))
    }

    @Test func secretsAreNotSentAgainAfterARedirectBackToTheOrigin() throws {
        let home = server.base.replacing(":", with: "%3A").replacing("/", with: "%2F")
        let path = "OTHER/redirect-to?url=\(home)%2Fecho".replacing("%", with: "%25")
        let back = try echo(#"{"url":"BASE/redirect-to?url=\#(path)",\#(secrets)}"#)
        #expect(!back.contains("Bearer own") && !back.contains("own=1") && back.contains("X-Plain"))
    }

    @Test func theCookieOfARedirectIsSentWithLaterRequestsOfTheTask() throws {
        #expect(try echo(#"{"url":"BASE/cookie"}"#).contains(#"["Cookie","crumb=fixture"]"#))
        // Each port of a host gets the host's cookies (RFC 6265 §8.5). A different host gets none of them.
        #expect(try echo(#"{"url":"BASE/cookie?url=OTHER/echo"}"#).contains("crumb"))
        let elsewhere = "http://localhost:\(other.port)/echo"
        #expect(try !echo(#"{"url":"BASE/cookie?url=\#(elsewhere)"}"#).contains("crumb"))
    }

    @Test func noTaskSendsTheCookiesOfAnotherTask() throws {
        let post = #"{"url":"BASE/cookie","method":"POST","body":"x","headers":{"X-A":"b"}}"#
        let (cookie, echo) = (#"{"url":"BASE/cookie"}"#, #"{"url":"BASE/echo"}"#)
        let seen = try echoes([cookie, echo, post, echo, cookie, post, echo])
        #expect(seen.map { $0.contains("crumb") } == [true, false, true, false, true, true, false])
    }

    @Test func theCookiesOfATaskAndOfARedirectAreSentTogether() throws {
        let seen = try echo(#"{"url":"BASE/cookie","headers":{"Cookie":"own=1"}}"#)
        #expect(seen.contains("crumb=fixture") && seen.contains("own=1"))
    }

    @Test func theHostFieldIsNotSentToAnotherHost() throws {
        let across = try echo(
            #"{"url":"BASE/redirect-to?url=http://localhost:\#(other.port)/echo","headers":{"Host":"virtual.test"}}"#
        )
        #expect(!across.contains("virtual.test"))
    }

    @Test func theResponseToAHEADHasNoBody() throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        let result = try server.fetch(#"{"url":"BASE/get","method":"HEAD"}"#, settings)
        #expect((result.status, result.bodyBytes, result.wireBytes) == (200, 0, 0))
        #expect(result.error == nil)
        // Without a body, the response does not go to a processor.
        #expect(result.body == nil)
        #expect(try server.log().map(\.method) == ["HEAD"])
    }

    @Test func aNotModifiedResponseNeedsNoBody() throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        let result = try server.fetch(
            #"{"url":"BASE/status/304","headers":{"If-None-Match":"\"a\""}}"#,
            settings
        )
        #expect((result.status, result.bodyBytes, result.redirects) == (304, 0, 0))
        #expect(result.error == nil && result.body == nil)
    }

    @Test(.enabled(if: FixtureServer.hasIPv6, "this system has no ::1"))
    func ipv6LiteralIsFetched() throws {
        let server = try FixtureServer(addresses: ["::1"])
        let result = try server.fetch(#"{"url":"BASE/redirect/1"}"#)
        #expect((result.status, result.redirects, result.remoteIP) == (200, 2, "::1"))
        #expect(result.finalURL == Array("http://[::1]:\(server.port)/get".utf8))
    }
}
