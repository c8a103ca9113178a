// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct RunReportsTests {
    private let folder = TestFolder()

    /// Returns the seconds, from 0 to `end`, at which the reports ask for statistics.
    private func moments(_ reports: RunReports, until end: Int) -> [Int] {
        var (reports, asked): (RunReports, [Int]) = (reports, [])
        reports.begin(at: PoolTime(nanoseconds: 0))
        for second in 0...end {
            let now = PoolTime(nanoseconds: second * 1_000_000_000)
            guard let due = reports.due, due <= now else { continue }
            #expect(due == now)
            let statistics = {
                asked.append(second)
                return RunStatistics(summary: RunSummary(), isRunning: true)
            }
            #expect(reports.write(statistics, at: now) == [])
        }
        _ = reports.finish(RunStatistics(summary: RunSummary()), orUntil: { false })
        return asked
    }

    @Test func statisticsAreWrittenEvery30SecondsAndMetricsEvery5Seconds() throws {
        let (stats, metrics) = (folder.file("stats"), folder.file("crawl.prom"))
        #expect(moments(try RunReports(stats: stats, metrics: nil, output: nil), until: 65) == [0, 30, 60])
        #expect(moments(try RunReports(stats: nil, metrics: metrics, output: nil), until: 12) == [0, 5, 10])
        #expect(try folder.read("stats").contains(#""running":false"#))
        #expect(try folder.read("crawl.prom").contains("\nfetchpool_running{run=\"crawl\"} 0\n"))
        #expect(folder.names == ["crawl.prom", "stats"])
    }

    @Test func aRepeatedErrorIsReturnedOnceDuringTheRunAndOnceAtItsEnd() throws {
        let (stats, metrics) = (folder.file("a/stats"), folder.file("a/crawl.prom"))
        try FileManager.default.createDirectory(atPath: folder.file("a"), withIntermediateDirectories: false)
        var reports = try RunReports(stats: stats, metrics: metrics, output: nil)
        try FileManager.default.removeItem(atPath: folder.file("a"))
        reports.begin(at: PoolTime(nanoseconds: 0))
        let expected = [("--stats", stats), ("--metrics", metrics)].map {
            RunError.io("cannot write \($0) '\($1)': No such file or directory")
        }
        // Other threads write the files, so it can take several calls until `write` returns the errors.
        var errors: [RunError] = []
        for second in stride(from: 0, through: 3_600_000, by: 30) {
            let statistics = { RunStatistics(summary: RunSummary(), isRunning: true) }
            errors += reports.write(statistics, at: PoolTime(nanoseconds: second * 1_000_000_000))
            if errors.count == 2 { break }
            usleep(1_000)
        }
        #expect(Set(errors.map(\.description)) == Set(expected.map(\.description)))
        let later = reports.write(
            { RunStatistics(summary: RunSummary(), isRunning: true) },
            at: PoolTime(nanoseconds: 4_000_000 * 1_000_000_000)
        )
        #expect(later == [])
        #expect(reports.finish(RunStatistics(summary: RunSummary()), orUntil: { false }) == expected)
    }

    @Test func aFileThatCannotBeReplacedIsNotDueDuringTheRun() throws {
        let reports = try RunReports(stats: "/dev/null", metrics: "/dev/fd/2", output: nil)
        var begun = reports
        begun.begin(at: PoolTime(nanoseconds: 0))
        #expect(begun.due == nil)
    }

    @Test func oneFileForTwoOptionsIsRefused() throws {
        let path = try folder.write("", to: "file")
        #expect(
            throws: RunError.io("--output and --stats name the same file '\(path)'; name two different files")
        ) {
            try RunReports(stats: path, metrics: nil, output: folder.path + "/./file")
        }
        #expect(
            throws: RunError.io(
                "--stats and --metrics name the same file '\(path)'; name two different files"
            )
        ) {
            try RunReports(stats: path, metrics: path, output: nil)
        }
        _ = try RunReports(stats: "/dev/null", metrics: "/dev/null", output: "/dev/null")
    }
}
