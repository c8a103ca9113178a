// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import PoolWire
import TestPrograms
import TestThreads
import Testing

/// Tests of fetches from the fixture server.
@Suite(.ownThread)
struct FetchingTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    @Test func plainGetIsFetched() throws {
        let result = try server.fetch(#"{"url":"BASE/get"}"#)
        #expect(result.status == 200)
        #expect(result.error == nil)
        #expect(result.finalURL == Array("\(server.base)/get".utf8))
        #expect((result.wireBytes, result.bodyBytes, result.redirects) == (111, 111, 0))
        #expect(result.contentType == "application/json")
        #expect(result.httpVersion?.description == "1.1")
        #expect(result.remoteIP == "127.0.0.1")
        #expect(result.body == nil)
        #expect(result.timing.connect != nil && result.timing.total != nil)
    }

    @Test(arguments: [
        ("BASE/reset", ErrorClass.reset), ("BASE/empty", .reset), ("BASE/truncate", .reset),
        ("BASE/garbage", .protocol), ("BASE/redirect/loop", .redirects), ("BASE/endless", .tooLarge),
        ("BASE/bomb/4", .tooLarge), ("BASE/bytes/2000000", .tooLarge), ("BASE/status/404", .httpStatus),
        ("BASE/status/429", .rateLimited), ("http://127.0.0.1:1/", .connect),
    ])
    func failureHasItsClass(_ url: String, _ errorClass: ErrorClass) throws {
        var settings = FetchSettings()
        settings.maxBodyBytes = 1 << 20
        let result = try server.fetch(#"{"url":"\#(url)"}"#, settings)
        #expect(result.error?.errorClass == errorClass)
    }

    @Test func silenceEndsWithTheTaskTimeout() throws {
        let result = try server.fetch(#"{"url":"BASE/hang","timeout_s":0.05}"#)
        #expect(result.error?.errorClass == .timeoutTotal)
    }

    @Test func redirectsAreFollowedWithinTheLimit() throws {
        var settings = FetchSettings()
        let followed = try server.fetch(#"{"url":"BASE/redirect/2"}"#, settings)
        #expect((followed.status, followed.redirects) == (200, 3))
        #expect(followed.finalURL == Array("\(server.base)/get".utf8))
        settings.maxRedirects = 0
        let stayed = try server.fetch(#"{"url":"BASE/redirect/2"}"#, settings)
        #expect((stayed.status, stayed.redirects) == (302, 0))
        #expect(stayed.error == nil)
    }

    @Test func bodiesAreDecodedAndKeptIfResponsesAreWanted() throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        let results = try server.fetch([#"{"url":"BASE/gzip"}"#, #"{"url":"BASE/status/404"}"#], settings)
        let body = String(decoding: try #require(results[0].body), as: UTF8.self)
        #expect(body == #"{"ok":true,"text":"This answer was sent as gzip."}"#)
        #expect(results[0].wireBytes == 73)
        #expect(results[0].headers.contains(HeaderField(name: "content-encoding", value: "gzip")))
        #expect(results[1].body == nil)
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET"])
    func theRequestHasTheMethodTheBodyAndTheFieldsOfTheTask(_ method: String) throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        settings.headers = [
            HeaderField(name: "X-One", value: "all"), HeaderField(name: "X-Two", value: "all"),
        ]
        let task =
            #"{"url":"BASE/echo","method":"\#(method)","body":"text","headers":{"x-two":"own","X-Empty":""}}"#
        let result = try server.fetch(task, settings)
        let echo = String(decoding: try #require(result.body), as: UTF8.self)
        for part in [#""method":"\#(method)""#, #"["X-One","all"]"#, #"["x-two","own"]"#, #"["X-Empty",""]"#]
        {
            #expect(echo.contains(part))
        }
        #expect(echo.contains(#""body":"text""#) && echo.contains(#"["Content-Length","4"]"#))
        for part in ["Expect", "Content-Type", #"["X-Two""#] { #expect(!echo.contains(part)) }
    }

    @Test func aReusedHandleKeepsNothingOfItsEarlierTask() throws {
        var settings = FetchSettings()
        (settings.concurrency, settings.wantsResponses) = (1, true)
        let results = try server.fetch(
            [
                #"{"url":"BASE/echo","method":"POST","body":"x","headers":{"X-Own":"y"}}"#,
                #"{"url":"BASE/echo"}"#,
            ],
            settings
        )
        let echo = String(decoding: try #require(results[1].body), as: UTF8.self)
        #expect(echo.contains(#""method":"GET""#) && echo.contains(#""body":"""#))
        #expect(!echo.contains("X-Own"))
    }

    @Test func requestThatMustNotBeRepeatedIsSentOnce() throws {
        var settings = FetchSettings()
        (settings.concurrency, settings.wantsResponses) = (1, true)
        let post = #"{"url":"BASE/close-after-reuse","method":"POST","body":"x"}"#
        let get = #"{"url":"BASE/get"}"#
        let results = try server.fetch([get, post, get, post, #"{"url":"BASE/stats"}"#], settings)
        #expect(results.allSatisfy { $0.status == 200 })
        let stats = String(decoding: try #require(results[4].body), as: UTF8.self)
        #expect(stats.contains(#""/close-after-reuse":2"#))
    }

    @Test func connectionsAreReused() throws {
        var settings = FetchSettings()
        (settings.concurrency, settings.wantsResponses) = (4, true)
        _ = try server.fetch(#"{"url":"BASE/reset-stats"}"#, settings)
        let tasks = Array(repeating: #"{"url":"BASE/get"}"#, count: 200) + [#"{"url":"BASE/stats"}"#]
        let results = try server.fetch(tasks, settings)
        #expect(results.count { $0.timing.connect == nil } >= 196)
        #expect(results.allSatisfy { $0.status == 200 })
    }

    @Test func dataURLGivesItsTypeAndText() throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        let result = try server.fetch(#"{"url":"data:text/plain,a%20b"}"#, settings)
        #expect((result.status, result.contentType) == (200, "text/plain"))
        #expect(result.body == Array("a b".utf8))
    }

    @Test func theRecordContainsTheResult() throws {
        let result = try server.fetch(#"{"url":"BASE/status/503"}"#)
        let line = Array(#"{"url":"BASE/x","id":"a","meta":[1]}"#.replacing("BASE", with: server.base).utf8)
        guard case .task(let task) = InputLine.read(line.span, ordinal: 1) else {
            Issue.record("the line is not a task")
            return
        }
        var writer = JSONWriter()
        result.writeRecord(of: task, at: RecordTime(milliseconds: 1_000), into: &writer)
        let record = String(decoding: writer.take(), as: UTF8.self)
        #expect(record.hasPrefix(#"{"v":1,"id":"a","url":""#))
        for part in [
            #""outcome":"http_error","status":503"#, #""bytes":{"wire":20,"body":20}"#,
            #""attempt":1,"error":"#,
        ] {
            #expect(record.contains(part))
        }
        #expect(record.hasSuffix("\"retryable\":true},\"meta\":[1]}\n"))
    }
}
