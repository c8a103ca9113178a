// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

@testable import FetchRun

@Suite struct ProgressLineTests {
    private static let start = PoolTime(nanoseconds: 7_000_000_000)

    private static func at(seconds: Double) -> PoolTime {
        PoolTime(nanoseconds: start.nanoseconds + Int(seconds * 1e9))
    }

    @Test func withoutATotalTheLineShowsTheFinishedTasksAndNoTimeLeft() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 50, total: nil, failures: 0, at: Self.at(seconds: 1)).text
        #expect(text == "50 done · 50.0/s · no failures")
    }

    @Test(
        arguments: [(150, "00:02"), (6_050, "02:00"), (360_050, "2:00:00")]
    )
    func withATotalTheLineShowsTheTimeLeft(total: Int, left: String) {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 50, total: total, failures: 3, at: Self.at(seconds: 1)).text
        #expect(text == "50 of \(total) · 50.0/s · \(left) left · 3 failed")
    }

    @Test(
        arguments: [
            (1, 0, 12.4, " · waiting for 1 fetch, the longest for 12 s"),
            (3, 2, 1.0, " · waiting for 3 fetches and 2 in processing, the longest for 1 s"),
            (0, 1, 61, " · waiting for 1 in processing, the longest for 61 s"),
            (2, 1, 0.9, ""), (0, 0, 5, ""),
        ]
    )
    func nearTheEndTheLineShowsTheTasksThatHaveLastedASecond(
        fetches: Int,
        processing: Int,
        seconds: Double,
        words: String
    ) {
        var line = ProgressLine(start: Self.start)
        let left = ProgressLine.Waiting(
            fetches: fetches,
            processing: processing,
            longest: Int(seconds * 1e9)
        )
        let text = line.text(done: 1, total: nil, failures: 0, waiting: left, at: Self.at(seconds: 1)).text
        #expect(text == "1 done · 1.00/s · no failures" + words)
    }

    @Test(
        arguments: [(360_001, "5 days"), (8_640_000, "100 days"), (900_000_000, "years")]
    )
    func aVeryLongTimeLeftIsShownInDays(total: Int, left: String) {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 1, total: total, failures: 0, at: Self.at(seconds: 1)).text
        #expect(text.contains(" · \(left) left"))
    }

    @Test func beforeTheFirstFinishedTaskTheLineShowsNoRateAndNoTimeLeft() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 0, total: 10, failures: 0, at: Self.start).text
        #expect(text == "0 of 10 · no failures")
    }

    @Test func whileNoTaskEndsTheLineShowsTheTimeWithoutATaskAndNoRate() {
        var line = ProgressLine(start: Self.start)
        _ = line.text(done: 13, total: 60, failures: 0, at: Self.at(seconds: 1))
        var text = line.text(done: 13, total: 60, failures: 0, at: Self.at(seconds: 5.9)).text
        #expect(text.hasPrefix("13 of 60 · 1.4"))
        text = line.text(done: 13, total: 60, failures: 0, at: Self.at(seconds: 38)).text
        #expect(text == "13 of 60 · nothing for 37 s · no failures")
        text = line.text(done: 14, total: 60, failures: 0, at: Self.at(seconds: 38.2)).text
        #expect(text.hasPrefix("14 of 60 · 0."))
    }

    @Test func theTimeLeftIsZeroIfMoreTasksHaveFinishedThanTheTotal() {
        var line = ProgressLine(start: Self.start)
        let text = line.text(done: 20, total: 10, failures: 0, at: Self.at(seconds: 1)).text
        #expect(text == "20 of 10 · 20.0/s · 00:00 left · no failures")
    }

    @Test func theRateIsTheMeanOfAboutTheLastTenSeconds() {
        var line = ProgressLine(start: Self.start)
        var done = 0
        var text = ""
        for tick in 1...250 {
            // 90 tasks per second for ten seconds, then 10 per second for forty seconds.
            done += tick <= 50 ? 18 : 2
            text = line.text(done: done, total: nil, failures: 0, at: Self.at(seconds: Double(tick) / 5)).text
            if tick == 50 { #expect(text == "900 done · 90.0/s · no failures") }
            // The rate is 10 + 80 · ((1 − 1/e) / e) / (1 − 1/e²).
            if tick == 100 { #expect(text == "1000 done · 31.5/s · no failures") }
        }
        #expect(text == "1300 done · 10.9/s · no failures")
    }

    @Test func aFewFastOrSlowSecondsChangeTheRateLittle() {
        var line = ProgressLine(start: Self.start)
        var (done, rates) = (0, [Double]())
        for tick in 1...300 {
            // Two seconds without a finished task alternate with two seconds of 200 tasks per second.
            if tick / 10 % 2 == 1 { done += 40 }
            let text = line.text(done: done, total: nil, failures: 0, at: Self.at(seconds: Double(tick) / 5))
                .text
            let rate = text.split(separator: " · ").dropFirst().first?.dropLast(2)
            if tick > 150, let rate = rate.flatMap({ Double($0) }) { rates.append(rate) }
        }
        #expect(rates.count == 150)
        #expect((rates.max() ?? 999) < 115 && (rates.min() ?? 0) > 85)
    }

    @Test func theLineIsDueAFifthOfASecondAfterItsLastUpdate() {
        var line = ProgressLine(start: Self.start)
        #expect(line.due == Self.at(seconds: 0.2))
        _ = line.text(done: 0, total: nil, failures: 0, at: Self.at(seconds: 5))
        #expect(line.due == Self.at(seconds: 5.2))
    }
}
