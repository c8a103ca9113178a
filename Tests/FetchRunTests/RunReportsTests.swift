// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct RunReportsTests {
    private let folder = TestFolder()

    /// The seconds from the start, up to `end`, at which statistics are asked for.
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
            reports.write(statistics, at: now)
        }
        _ = reports.finish(RunStatistics(summary: RunSummary()), orUntil: { false })
        return asked
    }

    @Test func statisticsAreWrittenEach30SecondsAndMetricsEach5() throws {
        let (stats, metrics) = (folder.file("stats"), folder.file("crawl.prom"))
        #expect(moments(try RunReports(stats: stats, metrics: nil, output: nil), until: 65) == [0, 30, 60])
        #expect(moments(try RunReports(stats: nil, metrics: metrics, output: nil), until: 12) == [0, 5, 10])
        #expect(try folder.read("stats").contains(#""running":false"#))
        #expect(try folder.read("crawl.prom").contains("\nfetchpool_running{run=\"crawl\"} 0\n"))
        #expect(folder.names == ["crawl.prom", "stats"])
    }

    @Test func whatCannotBeReplacedIsWrittenAtTheEndOnly() throws {
        let reports = try RunReports(stats: "/dev/null", metrics: "/dev/fd/2", output: nil)
        var begun = reports
        begun.begin(at: PoolTime(nanoseconds: 0))
        #expect(begun.due == nil)
    }

    @Test func oneFileForTwoOptionsIsRefused() throws {
        let path = try folder.write("", to: "file")
        #expect(throws: RunError.io("--output and --stats name the same file '\(path)'; name two")) {
            try RunReports(stats: path, metrics: nil, output: folder.path + "/./file")
        }
        #expect(throws: RunError.io("--stats and --metrics name the same file '\(path)'; name two")) {
            try RunReports(stats: path, metrics: path, output: nil)
        }
        _ = try RunReports(stats: "/dev/null", metrics: "/dev/null", output: "/dev/null")
    }
}
