// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests `WideCheck.growth`, which compares the cost of a fetch after 1,000 hosts with that of an earlier
/// fetch.
struct WideCheckTests {
    @Test(arguments: [
        // The processor seconds of runs with 1, 1,000 and 8,000 hosts, and the result of `growth`.
        (0.02, 0.12, 0.82, 1.0), (0.02, 0.12, 1.52, 2), (0.02, 0.12, 0.47, 0.5),
    ])
    func startUpTimeIsSubtracted(_ one: Double, _ few: Double, _ many: Double, _ growth: Double) {
        #expect(abs(WideCheck.growth(one: one, few: few, many: many) - growth) < 0.001)
    }
}
