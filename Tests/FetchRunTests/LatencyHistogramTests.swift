// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import SimulationSupport
import Testing

@testable import FetchModel

@Suite struct LatencyHistogramTests {
    @Test(
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func aQuantileIsAtMostOneStepAboveTheExactQuantile(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var histogram = LatencyHistogram()
        // The values are from 10 µs to 17 minutes, and all orders of magnitude are equally likely.
        let values = (0..<Int.random(in: 1...2_000, using: &random)).map { _ in
            pow(10, Double.random(in: -2...6, using: &random))
        }
        for value in values { histogram.add(milliseconds: value) }
        let sorted = values.sorted()
        for share in [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = Int((Double(values.count) * share).rounded(.up))
            let exact = sorted[rank - 1]
            let quantile = histogram.quantile(share)
            #expect(quantile >= exact && quantile <= exact * (1 + 1.0 / 64))
        }
        #expect(histogram.total == values.count)
        #expect(histogram.longest == sorted.last)
    }

    @Test func noQuantileIsAboveTheLongestDuration() {
        var histogram = LatencyHistogram()
        // The value is inside a step of the histogram, so the end of the step is larger than the value.
        histogram.add(milliseconds: 1.001)
        #expect(histogram.quantile(0.5) == histogram.longest)
    }

    @Test func aHistogramWithoutDurationsHasTheQuantile0() {
        #expect(LatencyHistogram().quantile(0.5) == 0)
        #expect(LatencyHistogram().total == 0)
    }

    @Test(arguments: [-1, 0, 1e-9, 1e9, 1e300])
    func extremeDurationsAreCounted(milliseconds: Double) {
        var histogram = LatencyHistogram()
        histogram.add(milliseconds: milliseconds)
        #expect(histogram.total == 1)
        #expect(histogram.longest == max(milliseconds, 0))
        #expect(histogram.quantile(1) <= histogram.longest)
    }

    @Test func theCountUpToAPowerOfTwoIncludesDurationsOfExactlyThisLength() {
        var histogram = LatencyHistogram()
        for value in [0.0001, 0.25, 0.250_001, 1, 1.5, 2, 2.000_001, 1e12] {
            histogram.add(milliseconds: value)
        }
        #expect(histogram.cumulative(from: -2, through: 2) == [2, 3, 4, 6, 7])
        #expect(histogram.cumulative(from: 30, through: 30) == [8])
        #expect(abs(histogram.sum - 1e12 - 7.000_102) < 0.001)
    }
}
