// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the median, minimum and maximum of some figures.
struct SpreadTests {
    @Test(arguments: [([3.0], 3.0, 3.0, 3.0), ([5, 1, 3], 3, 1, 5), ([4, 1, 2, 8], 3, 1, 8)])
    func spreadHasMedianMinAndMax(_ figures: [Double], _ median: Double, _ min: Double, _ max: Double) {
        let spread = Spread(figures)
        #expect(spread?.median == median)
        #expect(spread?.min == min)
        #expect(spread?.max == max)
    }

    @Test func emptyListHasNoSpread() {
        #expect(Spread([]) == nil)
    }
}
