// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun

@Suite struct OutputPatienceTests {
    /// The state of a run at one call of `isOver`: the time in milliseconds, the number of written bytes, and
    /// the number of signals.
    private typealias Look = (at: Int, written: Int, signals: Int)

    /// Returns the result of `isOver` for each state.
    ///
    /// `signal` is the time of the first signal, or `.max` if there is none. `isGraceOver` is true from 10 s
    /// after the first signal on, and after a second signal. `end` has the times of the calls of
    /// `beginEnding`.
    private func results(_ looks: [Look], end: [Int] = [], signal: Int = .max) -> [Bool] {
        var patience = OutputPatience()
        for time in end { patience.beginEnding(at: time) }
        return looks.map { look in
            patience.isOver(
                written: look.written,
                signals: look.signals,
                isGraceOver: look.signals > 1 || look.signals > 0 && look.at - signal >= 10_000,
                at: look.at
            )
        }
    }

    @Test func aRunThatDoesNotEndEarlyWaitsForEver() {
        #expect(results([(0, 0, 0), (1_000_000, 0, 0)]) == [false, false])
    }

    @Test func afterAnEarlyEndTheOutputMayStandStillForTenSeconds() {
        let looks: [Look] = [(52_000, 0, 0), (61_000, 1, 0), (70_999, 1, 0), (71_000, 1, 0)]
        #expect(results(looks, end: [50_000, 51_000]) == [false, false, false, true])
        #expect(results([(52_000, 0, 0), (62_000, 0, 0)], end: [50_000, 51_000]) == [false, true])
    }

    /// The signal comes after the last turn of the pool's loop, so only `isOver` notes the signal.
    @Test func afterASignalAnOutputThatAcceptsRecordsGetsThreeSecondsAfterTheGrace() {
        let first: [Look] = [(50_000, 0, 1), (60_000, 1, 1), (61_400, 2, 1)]
        #expect(results(first + [(62_900, 2, 1)], signal: 50_000) == [false, false, false, true])
        let looks = first + [(62_800, 3, 1), (63_000, 4, 1)]
        #expect(results(looks, signal: 50_000) == [false, false, false, false, true])
    }

    @Test func theSecondSignalEndsTheWait() {
        #expect(results([(0, 0, 1), (100, 1, 2)], signal: 0) == [false, true])
    }
}
