// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import RunReport

@Suite struct ShownTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678"), (-1_234, "−1,234"),
    ])
    func numbersAreGrouped(number: Int, text: String) { #expect(Shown.integer(number) == text) }

    @Test(arguments: [
        (0, 10, "0 %"), (10, 10, "100 %"), (0, 0, "0 %"), (1, 3, "33.3 %"), (1, 1_000_000, "< 0.1 %"),
        (999_999, 1_000_000, "> 99.9 %"), (1, 1_000, "0.1 %"), (999, 1_000, "99.9 %"),
    ])
    func onlyTheWholeIsAHundredPercent(part: Int, whole: Int, text: String) {
        #expect(Shown.share(part, of: whole) == text)
    }

    @Test(
        arguments: [
            (0, "0 ms"), (0.21, "0.21 ms"), (9.994, "9.99 ms"), (9.996, "10.0 ms"), (99.97, "100 ms"),
            (999.4, "999 ms"), (999.6, "1.00 s"), (59_940, "59.9 s"), (59_960, "1 min"),
            (725_000, "12 min 5 s"),
            (3_599_400, "59 min 59 s"), (3_600_000, "1 h"), (11_040_000, "3 h 4 min"),
            (273_600_000, "3 d 4 h"),
            (86_400_000, "1 d"), (1e15, "11,574,074 d 2 h"),
        ] as [(Double, String)]
    )
    func durationsHaveTheUnitThatSuits(milliseconds: Double, text: String) {
        #expect(Shown.milliseconds(milliseconds) == text)
    }

    @Test(arguments: [(0, "0 B"), (1_023, "1023 B"), (1_024, "1.00 KiB"), (5 << 30, "5.00 GiB")])
    func sizesAreShownInBinaryUnits(bytes: Int, text: String) { #expect(Shown.size(bytes) == text) }

    @Test(arguments: [
        (5, 1_000, "5.00/s"), (1, 60_000, "1.00/min"), (1, 3_600_000, "1.00/h"), (3, 0, "3,000/s"),
        (0, 1_000, "0/s"), (1, 3_600_000_000, "< 0.01/h"),
    ])
    func ratesAreShownPerSecondMinuteOrHour(count: Int, milliseconds: Int, text: String) {
        #expect(Shown.rate(count, milliseconds: milliseconds) == text)
    }

    @Test(arguments: [0, 1, 3, 4, 5, 7, 10, 399, 400, 401, 99_999, 3_000_000])
    func theMarksOfAnAxisReachTheLargestNumber(largest: Int) {
        let (axis, end) = Axis.numbers(upTo: largest)
        #expect(end >= Double(largest) && end <= max(Double(largest) * 2.5, 5))
        #expect(axis.marks.first?.text == "0" && axis.marks.count >= 2 && axis.marks.count <= 6)
    }

    @Test func timesHaveTheFormThatStepAndPeriodNeed() {
        let (hour, day) = (3_600_000, 86_400_000)
        for (step, length, text) in [
            (20, 1_000, "22:38:00.123"), (1_000, 60_000, "22:38:00"), (hour, day, "22:38"),
            (hour, 3 * day, "26 Nov 22:38"), (day, 30 * day, "26 Nov"), (100 * day, 800 * day, "26 Nov 2026"),
        ] {
            let form = Shown.Clock.telling(step: step, length: length)
            #expect(Shown.time(1_795_732_680_123, form) == text)
        }
    }

    @Test(arguments: [1, 3, 50, 9_999, 10_000, 61_000, 86_400_000, 259_200_000, 31_556_952_000_000])
    func anAxisOfTimeHasAtMostEightMarks(length: Int) {
        let marks = Axis.times(from: 1_795_687_080_123, to: 1_795_687_080_123 + length).marks
        #expect(marks.count <= 8)
        #expect(marks.allSatisfy { (0...1).contains($0.position) })
        #expect(Set(marks.map(\.text)).count == marks.count)
    }
}
