// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchClient

struct SpeedGuardTests {
    /// Returns the first tick, counted from 0, at which a response is too slow; `nil` if the response is not
    /// too slow in the first `ticks` ticks.
    ///
    /// `gains` has the number of bytes that arrive after each tick; the last number is repeated.
    private func slowTick(_ gains: [Int], ticks: Int = 40) -> Int? {
        var guardian = SpeedGuard()
        var bytes = 0
        for tick in 0..<ticks {
            if guardian.isTooSlow(bytes: bytes) { return tick }
            bytes += gains[min(tick, gains.count - 1)]
        }
        return nil
    }

    @Test(
        arguments: [
            ([100], nil), ([99], 10), ([0], 10), ([0, 0, 0, 0, 0, 0, 0, 0, 0, 1_000], nil),
            // A fast start no longer counts after ten ticks.
            ([1_000_000, 0], 11), ([1_000_000, 1_000_000, 1_000_000, 50], 13),
            // A burst of 500 bytes in every five ticks is enough; a burst of 499 bytes is not.
            ([500, 0, 0, 0, 0, 500, 0, 0, 0, 0, 500, 0, 0, 0, 0, 500, 100], nil),
            ([500, 0, 0, 0, 0, 499, 100], 11),
        ] as [([Int], Int?)]
    )
    func aMeanBelowAHundredBytesATickOverTenTicksIsTooSlow(_ gains: [Int], _ tick: Int?) {
        #expect(slowTick(gains) == tick)
    }

    @Test func beginResetsTheCount() {
        var guardian = SpeedGuard()
        for _ in 0..<10 {
            let isSlow = guardian.isTooSlow(bytes: 5)
            #expect(!isSlow)
        }
        guardian.begin()
        for _ in 0..<10 {
            let isSlow = guardian.isTooSlow(bytes: 5)
            #expect(!isSlow)
        }
        let isSlow = guardian.isTooSlow(bytes: 5)
        #expect(isSlow)
    }

    @Test func theStandstillClockMeasuresTheDelayOfTheLoop() {
        var clock = StandstillClock()
        #expect(clock.gap(now: 50_000) == 0)
        clock.leave(now: 50_000)
        #expect(clock.gap(now: 50_999) == 0)
        #expect(clock.gap(now: 51_000) == 1_000)
        clock.leave(now: 60_000, for: 5_000)
        #expect(clock.gap(now: 65_500) == 0)
        #expect(clock.gap(now: 67_500) == 2_500)
        clock.leave(now: 70_000, for: -1)
        #expect(clock.gap(now: 99_000) == 0)
    }

    @Test func theTickClockGivesOneTickAfterAnyPause() {
        var clock = TickClock()
        #expect(clock.bound(-1, now: 0) == -1)
        clock.run(now: 500)
        clock.run(now: 900)
        #expect(clock.bound(-1, now: 1_000) == 500)
        #expect(clock.bound(20, now: 1_000) == 20)
        let early = clock.isDue(now: 1_499)
        let late = clock.isDue(now: 60_000)
        let again = clock.isDue(now: 60_001)
        #expect((early, late, again) == (false, true, false))
        #expect(clock.bound(-1, now: 60_001) == 999)
        clock.stop()
        let stopped = clock.isDue(now: 90_000)
        #expect(!stopped)
    }
}
