// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@testable import FetchRun

@Suite struct RateWindowTests {
    private static let start = PoolTime(nanoseconds: 7_000_000_000)

    private static func at(seconds: Double) -> PoolTime {
        PoolTime(nanoseconds: start.nanoseconds + Int(seconds * 1e9))
    }

    @Test func theRateIsThatOfTheLastThirtySeconds() throws {
        var window = RateWindow(start: Self.start)
        var done = 0
        for tick in 1...300 {
            // 100 tasks per second for thirty seconds, then 10 per second for thirty seconds.
            done += tick <= 150 ? 20 : 2
            window.note(done: done, bytes: done * 1_000, at: Self.at(seconds: Double(tick) / 5))
            let rates = try #require(window.rates)
            if tick == 150 { #expect(abs(rates.tasks - 100) < 0.1) }
            if tick == 225 { #expect(abs(rates.tasks - 55) < 2) }
            #expect(abs(rates.bytes - rates.tasks * 1_000) < 1)
        }
        #expect(abs(try #require(window.rates).tasks - 10) < 2)
    }

    @Test func withRareUpdatesTheRateCountsFromTheLastUpdateBeforeTheWindow() throws {
        var window = RateWindow(start: Self.start)
        window.note(done: 300, bytes: 0, at: Self.at(seconds: 60))
        #expect(try #require(window.rates).tasks == 5)
        window.note(done: 360, bytes: 0, at: Self.at(seconds: 120))
        #expect(try #require(window.rates).tasks == 1)
    }

    @Test func theFirstTenthOfASecondHasNoRate() {
        var window = RateWindow(start: Self.start)
        #expect(window.rates == nil)
        window.note(done: 5, bytes: 0, at: Self.at(seconds: 0.05))
        #expect(window.rates == nil)
        window.note(done: 5, bytes: 0, at: Self.at(seconds: 0.5))
        #expect(window.rates?.tasks == 10)
    }
}
