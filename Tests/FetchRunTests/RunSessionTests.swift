// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import FetchRun

/// Tests of the cookies that each fetch worker of a run gets.
@Suite struct RunSessionTests {
    private static func line(_ name: String, _ value: String, ends: Int = 0) -> String {
        "h.com\tFALSE\t/\tFALSE\t\(ends)\t\(name)\t\(value)"
    }

    private func session(_ lines: [String] = []) -> RunSession {
        RunSession(WireCookies.cookies(in: lines), clock: { 1_000 })
    }

    @Test func aWorkerGetsEachChangeOfOtherWorkersOnce() {
        var session = session([Self.line("old", "1")])
        #expect(session.begin(1).count == 1 && session.begin(2).count == 1)
        session.take([Self.line("a", "1"), Self.line("old", "", ends: 1)], from: 1)
        #expect(session.news(for: 1) == [])
        #expect(session.news(for: 2) == [Self.line("a", "1"), Self.line("old", "", ends: 1)])
        #expect(session.news(for: 2) == [])
        // A worker that starts later gets the current cookies.
        #expect(WireCookies.texts(of: session.begin(3)) == [Self.line("a", "1")])
        session.take([Self.line("a", "2")], from: 2)
        #expect(session.news(for: 3) == [Self.line("a", "2")])
        #expect(WireCookies.texts(of: session.cookies) == [Self.line("a", "2")])
    }

    @Test func workersGetTheChangesOfAParentCoordinator() {
        var session = session()
        _ = session.begin(0)
        session.take([Self.line("a", "1")], from: nil)
        #expect(session.news(for: 0) == [Self.line("a", "1")])
    }

    @Test func oneSiteDoesNotDisplaceTheCookiesOfOtherSites() {
        var session = session([Self.line("login", "1")])
        _ = session.begin(2)
        let line = Self.line("a", "1").dropFirst("h.com".count)
        func take(_ numbers: ClosedRange<Int>) {
            session.take(numbers.map { "h\($0).evil.com\(line)" }, from: 1)
        }
        take(1...200)
        // The coordinator does not know which cookies of a site are used least, so it keeps all 200.
        #expect(session.cookies.count == 201 && session.news(for: 2).count == 200)
        for start in 1...105 { take(start * 200...start * 200 + 199) }
        #expect((15_000...20_000).contains(session.cookies.count) && session.cookies[0].domain == "h.com")
        // If a full jar removes a cookie, the workers do not get this removal.
        _ = session.begin(3)
        take(30_000...34_999)
        #expect(session.news(for: 3).allSatisfy { !$0.contains("\t1\ta\t") })
    }

    /// The expired cookie has replaced an older cookie, which the worker may still have.
    @Test func aWorkerGetsAChangedCookieThatHasExpired() {
        final class Clock {
            var now = 1_000
        }
        let clock = Clock()
        var session = RunSession(WireCookies.cookies(in: [Self.line("a", "1")]), clock: { clock.now })
        _ = session.begin(1)
        session.take([Self.line("a", "2", ends: 1_005)], from: 2)
        clock.now = 1_006
        #expect(session.news(for: 1) == [Self.line("a", "2", ends: 1_005)])
    }

    @Test func aWorkerThatMissesDroppedChangesGetsAllCookies() {
        var session = session()
        _ = session.begin(1)
        for number in 1...30_000 { session.take([Self.line("a", "\(number)")], from: 2) }
        #expect(session.news(for: 1) == [Self.line("a", "30000")])
        session.end(1)
        #expect(session.news(for: 1) == [Self.line("a", "30000")])
    }

    @Test func aCookieThatHasChangedOftenIsSentOnceWithItsCurrentValue() {
        var session = session()
        _ = session.begin(1)
        for value in ["1", "2", "3"] {
            session.take([Self.line("a", value), Self.line("b", value)], from: 2)
        }
        session.take([Self.line("b", "", ends: 1)], from: 2)
        #expect(session.news(for: 1) == [Self.line("a", "3"), Self.line("b", "", ends: 1)])
        // Worker 1 itself made the last change, so it gets nothing.
        session.take([Self.line("a", "4")], from: 2)
        session.take([Self.line("a", "5")], from: 1)
        #expect(session.news(for: 1) == [])
    }

    @Test func textsThatAreNoCookiesAreIgnored() {
        var session = session()
        session.take(["", "x", Self.line("", "a"), Self.line("a", "\u{1F600}")], from: 1)
        #expect(session.cookies.isEmpty)
    }
}
