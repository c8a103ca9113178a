// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

@testable import FetchRun

@Suite struct NoteLimiterTests {
    private let start = PoolTime(nanoseconds: 5_000_000_000)

    @Test func tenNotesPerSecondAreShownAndTheNextSecondReportsHowManyWereHeldBack() {
        var limiter = NoteLimiter()
        var shown = 0
        for _ in 0..<35 { shown += limiter.admit("a", at: start).isShown ? 1 : 0 }
        #expect(shown == 10)
        let next = limiter.admit("a", at: start + 1_000)
        #expect(next.isShown)
        #expect(next.heldBack == 25)
        #expect(limiter.admit("a", at: start + 1_000).heldBack == 0)
    }

    @Test func notesThatAreHeldBackAreNotReportedWithinTheSameSecond() {
        var limiter = NoteLimiter()
        let told = (0..<30).map {
            limiter.admit("a", at: PoolTime(nanoseconds: start.nanoseconds + $0 * 30_000_000))
        }
        #expect(told.allSatisfy { $0.heldBack == 0 })
        #expect(told.map(\.isShown) == (0..<30).map { $0 < 10 })
    }

    @Test func theNotesOfOneWorkerDoNotLimitTheNotesOfAnotherWorker() {
        var limiter = NoteLimiter()
        for _ in 0..<20 { _ = limiter.admit("a", at: start) }
        #expect(!limiter.admit("a", at: start).isShown)
        #expect(limiter.admit("b", at: start).isShown)
        #expect(limiter.admit("b", at: start + 1_000).heldBack == 0)
    }
}
