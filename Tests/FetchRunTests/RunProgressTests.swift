// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform
import Testing

@testable import FetchRun

/// Tests of the progress as text and as JSON, and of `ProgressWatch`.
@Suite struct RunProgressTests {
    private static var progress: RunProgress {
        var progress = RunProgress()
        (progress.done, progress.failures, progress.extent) = (12_345, 12, .total(20_000))
        progress.leading = ("http_status", 10)
        (progress.rate, progress.secondsLeft, progress.bytes) = (83.2, 92, 5)
        (progress.bytesPerSecond, progress.elapsed) = (3_355_443, 148_000_000_000)
        progress.limit = RunLimit(
            .host,
            "example.com:443 (8 at a time)",
            "example.com:443",
            host: "example.com:443"
        )
        return progress
    }

    private static func at(seconds: Double) -> PoolTime { PoolTime(nanoseconds: Int(seconds * 1e9)) }

    @Test func oneLineOfTheLogShowsTheWholeProgress() {
        #expect(
            Self.progress.line
                == "12345 of 20000 · 61% · 83.2/s · 1m35s left · 12333 ok · 12 failed (http_status 10) · 3.20 MiB/s · waiting for: example.com:443 (8 at a time)"
        )
    }

    @Test(
        arguments: [
            (
                200,
                "━━━━━━━━━━━━━━━━━━━━━━━━──────────────── 12345 of 20000 · 61% · 83.2/s · 1m35s left",
                "12333 ok · 12 failed (http_status 10) · 3.20 MiB/s · waiting for: example.com:443 (8 at a time)"
            ),
            (
                80, "━━━━━━━━━━━──────── 12345 of 20000 · 61% · 83.2/s · 1m35s left",
                "12333 ok · 12 failed (http_status 10) · waiting for: example.com:443"
            ),
            (
                60, "━━━━━━━━────── 12345 of 20000 · 61% · 83.2/s · 1m35s left",
                "12333 ok · 12 failed · waiting for: example.com:443"
            ),
            (40, "━━━━━──── 12345 of 20000 · 1m35s left", "12 failed · waiting for: example.com:4…"),
            (30, "12345 of 20000 · 1m35s left", "12 failed · waiting for: exa…"),
            (12, "12345 of 2…", "12 failed …"), (1, "", ""),
        ]
    )
    func theDisplayFitsItsTerminal(columns: Int, amounts: String, details: String) {
        let lines = Self.progress.lines(columns: columns, style: TerminalStyle())
        #expect(lines.map(\.text) == [amounts, details])
        #expect(lines.allSatisfy { $0.cells < max(columns, 1) })
    }

    @Test func withoutAKnownShareThereIsNoBar() {
        var progress = Self.progress
        (progress.extent, progress.secondsLeft) = (.unknown, nil)
        let lines = progress.lines(columns: 80, style: TerminalStyle())
        #expect(lines.first?.text == "12345 done · 83.2/s")
    }

    @Test func aShareIsShownAsAShareOfTheInput() {
        var progress = Self.progress
        (progress.extent, progress.secondsLeft) = (.share(0.371), nil)
        #expect(progress.line.hasPrefix("12345 done · 37% of the input · 83.2/s · 12333 ok"))
    }

    @Test func withoutFailuresTheTextSaysNoFailures() {
        var progress = Self.progress
        (progress.failures, progress.leading, progress.limit) = (0, nil, nil)
        #expect(progress.lines(columns: 80, style: TerminalStyle()).last?.text == "no failures · 3.20 MiB/s")
    }

    @Test func theTextShowsTheIdleTimeInPlaceOfTheRateWhileNoTaskEnds() {
        var watch = ProgressWatch(start: Self.at(seconds: 0))
        var counted = RunProgress()
        (counted.done, counted.extent, counted.bytes) = (13, .total(60), 99)
        _ = watch.note(counted, at: Self.at(seconds: 1))
        #expect(watch.note(counted, at: Self.at(seconds: 5.9)).line.hasPrefix("13 of 60 · 21% · 2.20/s · "))
        let line = watch.note(counted, at: Self.at(seconds: 38)).line
        #expect(line == "13 of 60 · 21% · nothing for 37 s · no failures")
        counted.done = 14
        #expect(watch.note(counted, at: Self.at(seconds: 38.2)).line.hasPrefix("14 of 60 · 23% · 0."))
    }

    @Test func aShareOfTheInputGivesATimeLeft() throws {
        var watch = ProgressWatch(start: Self.at(seconds: 0))
        var counted = RunProgress()
        (counted.done, counted.extent) = (100, .share(0.25))
        let left = try #require(watch.note(counted, at: Self.at(seconds: 10)).secondsLeft)
        #expect(abs(left - 30) < 0.01)
    }

    /// Earlier runs did 900,000 of a million tasks.
    ///
    /// This run has read 21,000 further tasks, and done 1,000 of these.
    @Test func theShareOfAResumedRunIncludesTheTasksOfEarlierRuns() throws {
        var watch = ProgressWatch(start: Self.at(seconds: 0))
        var counted = RunProgress()
        counted.extent = .estimated(read: 0.921, done: 1_000, tasksRead: 21_000, passed: 900_000)
        let share = try #require(counted.share)
        #expect(abs(share - 0.901) < 1e-6)
        (counted.done, counted.passed) = (1_000, 900_000)
        let left = try #require(watch.note(counted, at: Self.at(seconds: 10)).secondsLeft)
        #expect(abs(left - 990) < 1, "99,000 tasks are left, at 100 per second")
    }

    @Test func theFirstUpdateOfAStalledRunTellsForHowLongNothingHasEnded() {
        var watch = ProgressWatch(start: Self.at(seconds: 0))
        watch.noteTurn(done: 1, bytes: 5, at: Self.at(seconds: 1))
        var counted = RunProgress()
        (counted.done, counted.bytes) = (1, 5)
        let progress = watch.note(counted, at: Self.at(seconds: 3601))
        #expect(progress.idle == 3_600_000_000_000 && progress.rate == 0)
        #expect(progress.line == "1 done · nothing for 3600 s · no failures")
    }

    @Test func moreTasksThanTheTotalAreNoError() {
        var counted = RunProgress()
        (counted.done, counted.extent) = (20, .total(10))
        var watch = ProgressWatch(start: Self.at(seconds: 0))
        #expect(
            watch.note(counted, at: Self.at(seconds: 5)).line
                == "20 of 10 · 100% · 4.00/s · 0s left · no failures"
        )
    }

    @Test func theNextUpdateIsDue200MillisecondsAfterTheLastUpdate() {
        var watch = ProgressWatch(start: Self.at(seconds: 0))
        #expect(watch.due == Self.at(seconds: 0.2))
        _ = watch.note(RunProgress(), at: Self.at(seconds: 5))
        #expect(watch.due == Self.at(seconds: 5.2))
    }

    @Test func aJSONLineHasTheTextAndItsNumbers() throws {
        var entry = LogEntry(Self.progress)
        entry.time = 1_764_115_200_123
        let line = try #require(entry.lines(.json).first)
        #expect(
            line
                == #"{"time":"2025-11-26T00:00:00.123Z","level":"info","kind":"progress","message":""#
                + Self.progress.line
                + #"","done":12345,"total":20000,"share":0.617,"ok":12333,"failed":12,"leading_error":"http_status","body_bytes":5,"records_per_second":83.2,"bytes_per_second":3355443,"seconds_left":92,"seconds":148,"idle_seconds":0,"waiting_for":"host","host":"example.com:443"}"#
        )
    }
}
