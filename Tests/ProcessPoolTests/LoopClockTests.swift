// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of the clock for deadlines; the clock leaves out long unplanned pauses of the loop.
@Suite struct LoopClockTests {
    private let second = 1_000_000_000

    @Test func followsRealTimeWhileTheLoopRuns() {
        var clock = LoopClock(real: 0)
        var real = 0
        for _ in 0..<100 {
            real += second
            #expect(clock.advance(to: real, planned: second / 4).nanoseconds == real)
        }
    }

    @Test func doesNotCountAnHourOfSuspension() {
        var clock = LoopClock(real: 0)
        _ = clock.advance(to: second / 2)
        let asleep = clock.advance(to: 3_600 * second, planned: second / 4)
        // The clock counts only half of the planned sleep, and not the rest of the gap.
        #expect(asleep.nanoseconds == second / 2 + second / 8)
        let after = clock.advance(to: 3_601 * second, planned: second)
        #expect(after - asleep == second)
    }

    @Test func deadlineIsNotOverAtOnceAfterAGap() {
        var clock = LoopClock(real: 0)
        let awake = clock.advance(to: 3_600 * second, planned: 60 * second)
        #expect(awake.nanoseconds == 30 * second)
    }

    @Test func goesOnEvenIfEachSleepLastsTooLong() {
        var clock = LoopClock(real: 0)
        var (real, now) = (0, PoolTime(nanoseconds: 0))
        let deadline = PoolTime(nanoseconds: 60 * second)
        for _ in 0..<100 where now < deadline {
            // The loop sleeps in poll(2), so the sleep is a whole number of milliseconds.
            let planned = ((deadline - now) / 1_000_000 + 1) * 1_000_000
            real += planned + 2 * second
            now = clock.advance(to: real, planned: planned)
        }
        #expect(now >= deadline)
    }

    @Test func plannedSleepIsNotAGap() {
        var clock = LoopClock(real: 0)
        #expect(clock.advance(to: 5 * second, planned: 5 * second).nanoseconds == 5 * second)
    }

    @Test func sleepWithoutALimitCounts() {
        var clock = LoopClock(real: 0)
        let awake = clock.advance(to: 3_600 * second, planned: LoopClock.noLimit)
        #expect(awake.nanoseconds == 3_600 * second)
    }

    @Test func neverGoesBack() {
        var clock = LoopClock(real: 0)
        var last = PoolTime(nanoseconds: 0)
        for real in [1, 2, 5_000_000_000, 5_000_000_001, 90_000_000_000, 90_500_000_000] {
            let now = clock.advance(to: real, planned: 7)
            #expect(now >= last)
            #expect(clock.time(at: real) == now)
            last = now
        }
    }
}
