// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests of the ratios and verdicts of the benchmark's targets (`Target`).
struct TargetTests {
    private func verdicts(_ series: Series...) -> [Verdict] {
        var results = BenchResults.sample()
        results.series = series
        return Target.all.compactMap { $0.verdict(in: results) }
    }

    @Test(arguments: [(0.9, 1.111, true), (1.0, 1.0, false)])
    func ratesAreComparedByTheirMedians(_ seconds: Double, _ ratio: Double, _ isHeld: Bool) throws {
        let verdict = try #require(
            verdicts(
                .sample(.small, "fetchpool", seconds: [5, seconds, 0.1]),
                .sample(.small, "Go net/http", seconds: [1, 1, 1])
            ).first
        )
        #expect(verdict.comparison == "fetchpool : Go net/http")
        #expect(abs(verdict.ratio - ratio) < 0.001)
        #expect(verdict.isHeld == isHeld)
        #expect(verdict.boundText == "at least 1.1")
    }

    @Test func unmeasuredTargetHasNoVerdict() {
        #expect(verdicts(.sample(.small, "fetchpool", seconds: [1])).isEmpty)
    }

    @Test(arguments: [(2_201.0, 1.1, true), (2_401, 1.2, false)])
    func timeOfARunOfOneTaskIsSubtracted(_ seconds: Double, _ ratio: Double, _ isHeld: Bool) throws {
        let found = verdicts(
            .sample(.growth, Bench.growthName(1), items: 1, seconds: [1]),
            .sample(.growth, Bench.growthName(10_000), items: 10_000, seconds: [11]),
            .sample(.growth, Bench.growthName(2_000_000), items: 2_000_000, seconds: [seconds])
        )
        let verdict = try #require(found.first)
        #expect(found.count == 1)
        #expect(abs(verdict.ratio - ratio) < 0.001)
        #expect(verdict.isHeld == isHeld)
    }

    @Test func memoryIsTheLargestPeakOfAllRuns() throws {
        let found = verdicts(
            .sample(.growth, Bench.growthName(1), seconds: [1], peakKiB: ["fetchpool": 20_000]),
            .sample(.growth, Bench.growthName(10_000), seconds: [1], peakKiB: ["fetchpool": 40_000])
        ).filter { $0.comparison == "memory of fetchpool : 40 MB" }
        #expect(found.map(\.isHeld) == [false])
        #expect(abs((found.first?.ratio ?? 0) - 1.024) < 0.001)
    }

    @Test(arguments: [(100.0, 0.828, true), (80, 1.035, false)])
    func processorTimeOfPagesIsScaledToTheirUsualSize(
        _ megabytes: Double,
        _ ratio: Double,
        _ isHeld: Bool
    ) throws {
        var series = Series.sample(.pages, "fetchpool, text", seconds: [1])
        series.measurements[0].cpuSeconds = 2
        series.measurements[0].addMegabytes(meanSize: megabytes * 2_000)
        let verdict = try #require(verdicts(series).first)
        #expect(verdict.comparison == "processor time of 149 KB, text : 1.8 ms")
        #expect(abs(verdict.ratio - ratio) < 0.001)
        #expect(verdict.isHeld == isHeld)
    }

    @Test func pagesAreComparedByTimeAndByProcessorTime() {
        let found = verdicts(
            .sample(.pages, "fetchpool, links", seconds: [1]),
            .sample(.pages, "processes + lxml, links", seconds: [3])
        )
        #expect(found.map(\.ratio) == [3, 3])
        #expect(found.map(\.isHeld) == [false, false])
        #expect(found.map(\.boundText) == ["at least 4", "at least 4"])
    }

    @Test func burningIsComparedWithAllCores() {
        // Of the 50 pages, 49 take 20 ms of computing and one takes 1 s. There are two cores.
        let found = verdicts(.sample(.burn, "fetchpool", items: 50, seconds: [1.1]))
        #expect(found.map { Figure.short($0.ratio) } == ["0.250", "1.11"])
    }

    @Test func latencyIsComparedWithTheDelayAndWithARunWithoutDelay() {
        let found = verdicts(
            .sample(.latency, "fetchpool, all in flight", seconds: [0.06]),
            .sample(.latency, "fetchpool, all in flight, no delay", seconds: [0.033]),
            .sample(.latency, "fetchpool, 20 workers", seconds: [0.425])
        )
        #expect(found.map { Figure.short($0.ratio) } == ["1.20", "1.00"])
    }
}
