// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import SimulationSupport
import Testing

@testable import FetchRun

/// Tests of the time left; in simulated runs, the time left is updated five times a second.
@Suite struct TimeLeftTests {
    /// One update in a simulated run: the seconds since the start, the shown seconds left, and the real
    /// seconds left.
    private struct Look {
        var seconds: Double
        var shown: Double
        var real: Double
    }

    /// Simulates a run of `total` tasks, and returns the updates that have a time left.
    ///
    /// `rate` gets the number of seconds since the start, and returns the tasks per second.
    private static func run(_ total: Double, _ rate: (Double) -> Double) -> [Look] {
        var watch = (
            window: RateWindow(start: PoolTime(nanoseconds: 0)),
            left: TimeLeft(start: PoolTime(nanoseconds: 0))
        )
        var (done, seconds, looks) = (0.0, 0.0, [Look]())
        while done < total {
            seconds += 0.2
            done = min(done + rate(seconds) * 0.2, total)
            let now = PoolTime(nanoseconds: Int(seconds * 1e9))
            watch.window.note(done: Int(done), bytes: 0, at: now)
            let shown = watch.left.update(
                remaining: total - Double(Int(done)),
                rate: watch.window.rates?.tasks ?? 0,
                at: now
            )
            if let shown { looks.append(Look(seconds: seconds, shown: shown, real: 0)) }
        }
        return looks.map { Look(seconds: $0.seconds, shown: $0.shown, real: seconds - $0.seconds) }
    }

    /// Returns the largest change of the time left between two updates, as a fraction of the time left.
    ///
    /// The 0.2 s that pass between two updates do not count as a change. The first 10 s of the run are
    /// ignored. If less than 10 s are left, the change is a fraction of 10 s.
    private static func largestJump(_ looks: [Look]) -> Double {
        var largest = 0.0
        // The last update is ignored, because it comes when all tasks are done.
        for (look, next) in zip(looks, looks.dropFirst().dropLast()) where look.seconds > 10 {
            let change: Double = abs(next.shown - look.shown + 0.2)
            largest = max(largest, change / max(look.shown, 10))
        }
        return largest
    }

    @Test func aSteadyRunCountsDownToItsEnd() {
        let looks = Self.run(30_000) { _ in 100 }
        #expect(Self.largestJump(looks) < 0.005)
        #expect(looks.allSatisfy { abs($0.shown - $0.real) < max($0.real * 0.02, 1) })
    }

    @Test func burstsDoNotMakeTheTimeLeftJump() {
        // Two seconds without a finished task alternate with two seconds of 200 tasks per second.
        let looks = Self.run(30_000) { Int($0) / 2 % 2 == 0 ? 0 : 200 }
        #expect(Self.largestJump(looks) < 0.04)
        let late = looks.filter { $0.seconds > 30 }
        #expect(late.allSatisfy { abs($0.shown - $0.real) < max($0.real * 0.15, 4) })
    }

    @Test func randomRatesDoNotMakeTheTimeLeftJump() {
        for seed in 0..<50 {
            var random = SeededGenerator(seed: UInt64(seed))
            let looks = Self.run(20_000) { _ in Double.random(in: 0...1_000, using: &random) / 5 }
            #expect(Self.largestJump(looks) < 0.03, "seed \(seed)")
            let late = looks.filter { $0.seconds > 30 }
            #expect(late.allSatisfy { abs($0.shown - $0.real) < max($0.real * 0.3, 5) }, "seed \(seed)")
        }
    }

    @Test func aChangedRateMovesTheTimeLeftInSmallSteps() throws {
        let looks = Self.run(60_000) { $0 < 120 ? 200 : 50 }
        #expect(Self.largestJump(looks) < 0.03)
        let later = try #require(looks.first { $0.seconds > 240 })
        #expect(abs(later.shown - later.real) < later.real * 0.1)
    }

    @Test func aStandstillMovesTheTimeLeftInSmallSteps() {
        let looks = Self.run(30_000) { (100..<115).contains($0) ? 0 : 100 }
        #expect(Self.largestJump(looks) < 0.03)
        #expect((looks.last?.shown ?? 9) == 0)
    }

    @Test(arguments: [(0.0, 30.0), (100.0, 160.0)])
    func theTimeLeftIsNotFarTooLong30SecondsAfterAStandstill(from start: Double, to end: Double) throws {
        let looks = Self.run(60_000) { start..<end ~= $0 ? ($0 < start + 1 ? 10 : 0.03) : 100 }
        let recovered = try #require(looks.first { $0.seconds > end + 30 })
        #expect(recovered.shown < recovered.real * 1.7)
    }

    @Test func aSlowEndIsNoticed() throws {
        let looks = Self.run(8_300) { $0 < 80 ? 100 : 1 }
        let later = try #require(looks.first { $0.seconds > 150 })
        #expect(abs(later.shown - later.real) < later.real * 0.5)
    }

    @Test func thereIsNoTimeLeftBeforeARateIsReliable() {
        var left = TimeLeft(start: PoolTime(nanoseconds: 0))
        #expect(left.update(remaining: 100, rate: 50, at: PoolTime(nanoseconds: 1_000_000_000)) == nil)
        #expect(left.update(remaining: 100, rate: 0, at: PoolTime(nanoseconds: 3_000_000_000)) == nil)
        #expect(left.update(remaining: 100, rate: 50, at: PoolTime(nanoseconds: 4_000_000_000)) == 2)
        // While the rate is 0, the last estimate does not change.
        #expect(left.update(remaining: 100, rate: 0, at: PoolTime(nanoseconds: 9_000_000_000)) == 2)
    }

    @Test(
        arguments: [
            (0, "0s"), (0.3, "1s"), (29.5, "30s"), (31, "35s"), (58, "1m00s"), (62, "1m05s"), (121, "2m10s"),
            (594, "10m00s"), (596, "10m"), (3_569, "59m"), (3_570, "1h00m"), (7_800, "2h10m"),
            (172_000, "47h45m"),
            (172_800, "2 days"), (8_000_000, "93 days"), (9_000_000, "over 100 days"),
            (.infinity, "over 100 days"),
        ]
    )
    func aLongerTimeIsShownInLargerSteps(seconds: Double, words: String) {
        #expect(TimeLeft.words(seconds) == words)
    }
}
