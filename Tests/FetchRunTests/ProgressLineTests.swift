// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool
import Testing

@testable import FetchRun

@Suite("Progress line")
struct ProgressLineTests {
    private static let start = PoolTime(nanoseconds: 7_000_000_000)

    private static func at(seconds: Double) -> PoolTime {
        PoolTime(nanoseconds: start.nanoseconds + Int(seconds * 1e9))
    }

    @Test("while the total is not known, it says what is done, and no time left")
    func totalUnknown() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 50, total: nil, failures: 0, at: Self.at(seconds: 1))
        #expect(text == "50 done · 50.0/s · no failures")
    }

    @Test(
        "with a total it says the time left",
        arguments: [(150, "00:02"), (6_050, "02:00"), (360_050, "2:00:00")]
    )
    func timeLeft(total: Int, left: String) {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 50, total: total, failures: 3, at: Self.at(seconds: 1))
        #expect(text == "50 of \(total) · 50.0/s · \(left) left · 3 failed")
    }

    @Test(
        "at the end it says what it waits for, once that takes long",
        arguments: [
            (1, 0, 12.4, " · waiting for 1 fetch, the longest for 12 s"),
            (3, 2, 1.0, " · waiting for 3 fetches and 2 in processing, the longest for 1 s"),
            (0, 1, 61, " · waiting for 1 in processing, the longest for 61 s"),
            (2, 1, 0.9, ""), (0, 0, 5, ""),
        ]
    )
    func waiting(fetches: Int, processing: Int, seconds: Double, words: String) {
        var line = ProgressLine(start: Self.start)
        let left = ProgressLine.Waiting(
            fetches: fetches,
            processing: processing,
            longest: Int(seconds * 1e9)
        )
        let text = line.text(done: 1, total: nil, failures: 0, waiting: left, at: Self.at(seconds: 1))
        #expect(text == "1 done · 1.00/s · no failures" + words)
    }

    @Test("where that is very long, it says days")
    func days() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 1, total: 1_000_000, failures: 0, at: Self.at(seconds: 1))
        #expect(text.contains(" · days left"))
    }

    @Test("before anything is done it promises nothing")
    func nothingDone() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 0, total: 10, failures: 0, at: Self.start)
        #expect(text == "0 of 10 · 0.000/s · no failures")
    }

    @Test("more done than was counted leaves no time, not less than none")
    func moreThanTotal() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 20, total: 10, failures: 0, at: Self.at(seconds: 1))
        #expect(text == "20 of 10 · 20.0/s · 00:00 left · no failures")
    }

    @Test("the rate follows the last seconds, not the whole run")
    func rate() {
        var line = ProgressLine(start: Self.start)
        var done = 0
        var text = ""
        for tick in 1...100 {
            // 90 a second for ten seconds, then 10 a second for ten.
            done += tick <= 50 ? 18 : 2
            text = line.text(done: done, total: nil, failures: 0, at: Self.at(seconds: Double(tick) / 5))
            if tick == 50 { #expect(text == "900 done · 90.0/s · no failures") }
        }
        // 10 + 80 · 0.9⁵⁰
        #expect(text == "1000 done · 10.4/s · no failures")
    }

    @Test("it is due again a fifth of a second after it was last made")
    func due() {
        var line = ProgressLine(start: Self.start)
        #expect(line.due == Self.at(seconds: 0.2))
        _ = line.text(done: 0, total: nil, failures: 0, at: Self.at(seconds: 5))
        #expect(line.due == Self.at(seconds: 5.2))
    }
}
