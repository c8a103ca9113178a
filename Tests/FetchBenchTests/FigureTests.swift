// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the formatting of numbers.
struct FigureTests {
    @Test(arguments: [
        (1_234_567.0, "1,230,000"), (999.6, "1,000"), (158_400, "158,000"), (100, "100"), (45.28, "45.3"),
        (99.96, "100"), (9.996, "10.0"),
        (99_960, "100,000"), (0.09996, "0.100"),
        (1.104, "1.10"), (0.01234, "0.0123"), (0, "0"), (-2_500, "-2,500"),
    ])
    func numbersAreRoundedToThreeDigits(_ value: Double, _ text: String) {
        #expect(Figure.short(value) == text)
    }

    @Test(arguments: [(1.1, "1.1"), (100.0, "100"), (2.8, "2.8"), (0.95, "0.95")])
    func boundsHaveNoTrailingZeros(_ value: Double, _ text: String) {
        #expect(Figure.plain(value) == text)
    }

    @Test func memoryIsInMillionsOfBytes() {
        #expect(Figure.megabytes(39_062) == "40.0")
    }
}
