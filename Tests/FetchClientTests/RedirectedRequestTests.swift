// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the request that the server receives after a redirect.
@Suite(.ownThread)
struct RedirectedRequestTests {
    /// A server that redirects with the status at the beginning of the path.
    ///
    /// `/STATUS` redirects to `/target`. `/STATUS/HOST:PORT/x?=N` redirects to port N of HOST; the word
    /// `PORT` in this path is literal text. Each redirect sets the cookie `n=2`. Other paths are pages.
    private let server: ScriptedServer

    init() throws {
        server = try ScriptedServer { request, peer in
            let parts = request.target.split(separator: "/", maxSplits: 2)
            guard let first = parts.first, let status = Int(first) else {
                peer.respond(body: Array("target".utf8))
                return .keep
            }
            let port = String(request.target.split(separator: "=").last ?? "")
            let target = parts.dropFirst().first.map { "http://\($0)".replacing("PORT", with: port) }
            peer.respond(
                "\(status) Moved",
                "Location: \(target ?? "/target")",
                "Set-Cookie: n=2; Path=/",
                body: Array("moved".utf8)
            )
            return .keep
        }
    }

    private func last(_ task: String, _ settings: FetchSettings = FetchSettings()) throws -> ScriptedRequest {
        let result = try server.fetch(task, settings)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        return try #require(server.requests.last)
    }

    @Test(arguments: [301, 302, 307, 308], ["PUT", "PATCH", "DELETE", "OPTIONS", "GET"])
    func theBodyIsSentAgainIfTheMethodStays(status: Int, method: String) throws {
        let task = #"{"url":"BASE/\#(status)","method":"\#(method)","body":"precious"}"#
        let request = try last(task)
        #expect(request.target == "/target" && request.method == method)
        #expect(String(decoding: request.body, as: UTF8.self) == "precious")
        #expect(request.values("content-length") == ["8"])
    }

    @Test(arguments: [
        (301, "POST"), (302, "POST"), (303, "POST"), (303, "PUT"), (303, "PATCH"), (303, "DELETE"),
    ])
    func aRequestThatBecomesAGETHasNoFieldsOfABody(status: Int, method: String) throws {
        var settings = FetchSettings()
        settings.headers = [
            HeaderField(name: "Content-Language", value: "de"), HeaderField(name: "X-A", value: "a"),
        ]
        let fields = #""headers":{"Content-Type":"application/json","content-encoding":"identity","X-B":"b"}"#
        let task = #"{"url":"BASE/\#(status)","method":"\#(method)","body":"x",\#(fields)}"#
        let request = try last(task, settings)
        #expect(request.target == "/target" && request.method == "GET" && request.body.isEmpty)
        let all = request.fields.joined(separator: "\n").lowercased()
        #expect(!all.contains("content-"), "\(all)")
        #expect(request.values("x-a") == ["a"] && request.values("x-b") == ["b"])
    }

    @Test(arguments: [307, 308]) func postIsSentAgainWithItsType(status: Int) throws {
        let fields = #""headers":{"Content-Type":"application/json"}"#
        let request = try last(#"{"url":"BASE/\#(status)","method":"POST","body":"x",\#(fields)}"#)
        #expect(request.method == "POST" && request.values("content-type") == ["application/json"])
        #expect(request.body == Array("x".utf8))
    }

    @Test(arguments: [300, 304, 305, 306, 310, 399])
    func statusesBelow400ThatAreNoRedirectsAreFinal(status: Int) throws {
        let task = #"{"url":"BASE/\#(status)","headers":{"If-None-Match":"\"a\""}}"#
        let results = try server.fetch([task, #"{"url":"BASE/\#(status)"}"#, #"{"url":"BASE/302"}"#])
        #expect(results.map(\.status) == [status, status, 200])
        #expect(results.map(\.redirects) == [0, 0, 1])
        #expect(results.allSatisfy { $0.error == nil })
    }

    @Test func theCookiesOfTheTaskAndOfARedirectAreOneField() throws {
        let task = #"{"url":"BASE/302","headers":{"Cookie":"mine=1"}}"#
        #expect(try last(task).values("cookie") == ["n=2; mine=1"])
        var settings = FetchSettings()
        settings.headers = [HeaderField(name: "cookie", value: "common=1")]
        #expect(try last(#"{"url":"BASE/302"}"#, settings).values("cookie") == ["n=2; common=1"])
        #expect(try last(task, settings).values("cookie") == ["n=2; mine=1"])
    }

    @Test func commonCookiesAreSentOnlyToTheOriginOfEachTask() throws {
        var settings = FetchSettings()
        settings.concurrency = 1
        settings.headers = [HeaderField(name: "Cookie", value: "common=1")]
        // The same server under a different name is a different origin.
        let away = "/302/localhost:PORT/x?=\(server.port)"
        let results = try server.fetch([#"{"url":"BASE\#(away)"}"#, #"{"url":"BASE/302"}"#], settings)
        #expect(results.map(\.status) == [200, 200])
        #expect(
            server.requests.map { $0.values("cookie") } == [
                ["common=1"], [], ["common=1"], ["n=2; common=1"],
            ]
        )
    }

    /// libcurl 7.88 chooses cookies by the last `Host` field.
    ///
    /// libcurl keeps the host of this field in the easy handle.
    @Test(arguments: [true, false])
    func cookiesFollowTheHostOfTheURLAfterAHostField(isOfTask: Bool) throws {
        var settings = FetchSettings()
        settings.concurrency = 1
        if !isOfTask { settings.headers = [HeaderField(name: "host", value: "shop.example")] }
        let fields = isOfTask ? #","headers":{"Host":"shop.example"}"# : ""
        let port = server.port
        // The same server under a different name is a different host.
        let away = "/302/localhost:PORT/x?=\(port)"
        let tasks = [
            #"{"url":"BASE\#(away)"\#(fields)}"#, #"{"url":"BASE\#(away)"}"#, #"{"url":"BASE/302"}"#,
        ]
        let results = try server.fetch(tasks, settings)
        #expect(results.map(\.status) == [200, 200, 200])
        let requests = server.requests
        #expect(requests.map { $0.values("cookie") } == [[], [], [], [], [], ["n=2"]])
        let (home, other) = (isOfTask ? "127.0.0.1:\(port)" : "shop.example", "localhost:\(port)")
        #expect(
            requests.map { $0.values("host") } == [
                ["shop.example"], [other], [home], [other], [home], [home],
            ]
        )
    }

    /// Each of the two redirects leads to a host that differs from the host of the previous request.
    ///
    /// libcurl 7.88 stores the first cookie for `shop.example`, the host in the `Host` field.
    @Test func noCookieOfAnEarlierHopIsSentToAnotherHost() throws {
        let port = server.port
        let relay = try ScriptedServer { request, peer in
            let next =
                request.target == "/" ? "http://localhost:\(port)/302/127.0.0.1:PORT/x?=\(port)" : "/"
            peer.respond("302 Found", "Location: \(next)", "Set-Cookie: first=1; Path=/")
            return .keep
        }
        let results = try relay.fetch([#"{"url":"BASE/","headers":{"Host":"shop.example"}}"#])
        #expect(results[0].error == nil && results[0].redirects == 2)
        let requests = server.requests
        #expect(requests.map { $0.values("host") } == [["localhost:\(port)"], ["127.0.0.1:\(port)"]])
        #expect(requests.map { $0.values("cookie") } == [[], []])
    }

    @Test(arguments: [
        ("http://[::1]:8080/x", "[::1]:8080"), ("https://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://a.example:80/:@[", "a.example"), ("http://a.example:81?b", "a.example:81"),
    ])
    func theHostFieldHasTheAuthorityOfTheURL(url: String, value: String) throws {
        let target = try TargetURL(reading: Array(url.utf8).span)
        #expect(target.hostField == HeaderField(name: "Host", value: value))
    }

    /// The earlier user name and password come from the URL of the task, from a field of the task, or from
    /// the logins of the settings (`netrc`).
    ///
    /// A field with a `Bearer` token is kept, and the user name and password of the redirect are not sent.
    @Test(arguments: ["url", "field", "netrc", "bearer"])
    func theUserInfoOfARedirectReplacesAnEarlierUserNameAndPassword(source: String) throws {
        var settings = FetchSettings()
        if source == "netrc" { settings.logins = [HostLogin(host: "127.0.0.1", user: "old", password: "x")] }
        let fields =
            switch source {
            case "field": #","headers":{"authorization":"basic b2xkOng="}"#
            case "bearer": #","headers":{"Authorization":"Bearer old"}"#
            default: ""
            }
        let base = source == "url" ? "http://old:x@127.0.0.1:\(server.port)" : "BASE"
        let port = server.port
        let request = try last(
            #"{"url":"\#(base)/302/user:secret%40@127.0.0.1:PORT/x?=\#(port)"\#(fields)}"#,
            settings
        )
        #expect(server.requests.first?.values("authorization").count == 1)
        let isKept = source == "bearer"
        #expect(
            request.values("authorization") == [isKept ? "Bearer old" : "Basic dXNlcjpzZWNyZXRA"],
            "\(source)"
        )
    }

    @Test func theUserInfoOfARedirectBecomesAHeaderField() throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        let result = try server.fetch(
            #"{"url":"BASE/302/user:secret%40@127.0.0.1:PORT/x?=\#(server.port)"}"#,
            settings
        )
        #expect(result.status == 200)
        #expect(String(decoding: result.finalURL, as: UTF8.self) == "\(server.base)/")
        #expect(server.requests.last?.values("authorization") == ["Basic dXNlcjpzZWNyZXRA"])
    }
}
