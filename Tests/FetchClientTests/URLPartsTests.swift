// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the requests that servers receive if one easy handle fetches several URLs in turn.
@Suite(.ownThread)
struct URLPartsTests {
    private static let targets = [
        "/echo", "/echo?a=1", "/echo", "/echo?b=2&c=%2F%2f", "/echo?", "/echo?d", "/echo?e?f=/g", "/echo?%41",
        "/echo?h=%7e", "/echo?i+j", "/echo?k|[l]^`{m}%%4", "/echo?n", "/echo",
    ]

    @Test func pathAndQueryAreSentUnchanged() throws {
        let server = try FixtureServer()
        var settings = FetchSettings()
        (settings.concurrency, settings.wantsResponses) = (1, true)
        let results = try server.fetch(Self.targets.map { #"{"url":"BASE\#($0)"}"# }, settings)
        for (result, target) in zip(results, Self.targets) {
            let echo = String(decoding: try #require(result.body), as: UTF8.self)
            #expect(echo.contains(#""path":"\#(target)""#), "\(target): \(echo)")
            #expect(result.finalURL == Array("\(server.base)\(target)".utf8))
        }
    }

    @Test func eachServerGetsItsOwnHostField() throws {
        let servers = [try FixtureServer(), try FixtureServer()]
        var settings = FetchSettings()
        (settings.concurrency, settings.wantsResponses) = (1, true)
        let bases = [0, 1, 1, 0, 1].map { servers[$0].base }
        let results = try servers[0].fetch(bases.map { #"{"url":"\#($0)/echo?to=\#($0)"}"# }, settings)
        for (result, base) in zip(results, bases) {
            let echo = String(decoding: try #require(result.body), as: UTF8.self)
            #expect(echo.contains(#"["Host","\#(base.dropFirst("http://".count))"]"#))
        }
    }
}
