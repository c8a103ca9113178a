// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of responses that exceed a limit, are faulty, or are slow.
@Suite(.ownThread)
struct LimitTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    @Test(arguments: [
        ("/bomb/10240/dense", ErrorClass.decompress, false), ("/bomb/10240", .tooLarge, false),
        ("/endless", .tooLarge, false), ("/bytes/40000000", .tooLarge, false),
        ("/headers/endless", .protocol, false), ("/headers/endless-line", .protocol, false),
        ("/headers/1000/1", .protocol, false), ("/headers/10/30000", .protocol, false),
        ("/headers/1/110000", .protocol, false), ("/redirect/loop", .redirects, false),
        ("/length-lies/larger", .reset, true), ("/length-lies/negative", .protocol, false),
        ("/reset", .reset, true), ("/truncate", .reset, true), ("/truncate/head", .reset, true),
        ("/redirect-to?url=/truncate/head", .reset, true),
        ("/chunked-bad/size", .protocol, false),
        ("/chunked-bad/huge", .protocol, false), ("/chunked-bad/long", .protocol, false),
        ("/chunked-bad/cut", .reset, true), ("/chunked-bad/unended", .reset, true),
        ("/redirect-to?url=file:///etc/passwd", .scheme, false), ("/redirect-to?url=data:,x", .scheme, false),
        ("/redirect-to?url=ftp://127.0.0.1/", .scheme, false),
        ("/redirect-to?url=http://", .redirects, false),
    ])
    func faultOfAResponseHasItsClass(_ path: String, _ errorClass: ErrorClass, _ isRetryable: Bool) throws {
        let result = try server.fetch(#"{"url":"BASE\#(path)"}"#)
        #expect(result.error?.errorClass == errorClass, "\(result.error?.message ?? "none")")
        #expect(result.error?.isRetryable == isRetryable)
        #expect(result.body == nil)
    }

    @Test(arguments: [
        ("/headers/900/100", 200), ("/headers/2/90000", 200), ("/status/304", 304), ("/status/204", 204),
    ])
    func aResponseWithinTheLimitsIsAccepted(_ path: String, _ status: Int) throws {
        let result = try server.fetch(#"{"url":"BASE\#(path)"}"#)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect(result.status == status)
    }

    @Test(arguments: [("/bomb/1/dense", nil), ("/bomb/2/dense", ErrorClass.decompress), ("/bomb/30", nil)])
    func theRatioIsLimitedAboveOneMebibyte(_ path: String, _ errorClass: ErrorClass?) throws {
        var settings = FetchSettings()
        settings.wantsResponses = true
        let result = try server.fetch(#"{"url":"BASE\#(path)"}"#, settings)
        #expect(result.error?.errorClass == errorClass)
        #expect((result.body == nil) == (errorClass != nil))
    }

    @Test func connectionWithBytesAfterItsResponseIsClosed() throws {
        var settings = FetchSettings()
        settings.concurrency = 1
        let results = try server.fetch(
            [#"{"url":"BASE/length-lies/smaller"}"#, #"{"url":"BASE/get"}"#],
            settings
        )
        #expect(results.map(\.bodyBytes) == [100, 111])
        #expect(results[1].timing.connect != nil)
    }

    /// All paths are fetched at the same time, because a slow response must not affect other responses.
    @Test(.ownThread(isFirst: true)) func onlySlowResponsesAreEnded() throws {
        let expected: [(path: String, errorClass: ErrorClass?)] = [
            ("/drip/100/100", .lowSpeed), ("/slow-headers/100/300", .lowSpeed),
            ("/length-lies/larger-silent", .lowSpeed),
            // 500 bytes a second are more than the 100 bytes that the guard demands.
            ("/drip/1500/2", nil),
            // The wait for the first byte does not count as slow, not even after a redirect.
            ("/delay/2500", nil), ("/hang", .timeoutTotal), ("/redirect-to?url=/delay/2500", nil),
        ]
        let tasks = expected.map { #"{"url":"BASE\#($0.path)"}"# }
        var settings = FetchSettings()
        settings.timeout = .seconds(10)
        // Here the guard measures the speed over one second, not over ten.
        let guards = ClientGuards(speed: SpeedGuard(bytesPerTick: 100, ticks: 1))
        let results = try server.fetch(tasks, settings, guards: guards)
        for (result, (path, errorClass)) in zip(results, expected) {
            #expect(result.error?.errorClass == errorClass, "\(path): \(result.error?.message ?? "no error")")
            guard errorClass == .lowSpeed else { continue }
            #expect(result.error?.isRetryable == true)
            let seconds = Double(result.timing.total ?? 0) / 1_000_000
            #expect((1.9..<9.5).contains(seconds), "\(path) ended after \(seconds) s")
        }
    }

    /// A time-out that the user sets, for one task or for all tasks, replaces the speed guard.
    ///
    /// If the user sets a time-out for all tasks, `endsSlowResponses` is false.
    @Test func aSlowResponseIsAllowedIfTheUserSetsATimeOut() throws {
        let guards = ClientGuards(speed: SpeedGuard(bytesPerTick: 100, ticks: 1))
        let task = #"{"url":"BASE/drip/30/100","timeout_s":60}"#
        #expect(try server.fetch(task, guards: guards).error == nil)
        var settings = FetchSettings()
        settings.endsSlowResponses = false
        #expect(try server.fetch(#"{"url":"BASE/drip/30/100"}"#, settings, guards: guards).error == nil)
    }
}
