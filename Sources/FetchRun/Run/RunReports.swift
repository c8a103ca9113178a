// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The files of `--stats` and `--metrics`, and the times at which they are written.
struct RunReports {
    private var stats: Report?
    private var metrics: Report?

    /// The shortest time between two replacements of the file of `--stats`.
    private static let statsInterval: PoolTime.Milliseconds = 30_000
    /// The shortest time between two replacements of the file of `--metrics`.
    private static let metricsInterval: PoolTime.Milliseconds = 5_000

    private struct Report {
        let writer: ReportWriter
        let interval: PoolTime.Milliseconds
        let text: (RunStatistics) -> [UInt8]
        /// The time of the next replacement; `nil` before `begin`, or if the file is written only at the end
        /// of the run.
        private(set) var due: PoolTime?

        init(
            _ file: ReportFile,
            each interval: PoolTime.Milliseconds,
            _ text: @escaping (RunStatistics) -> [UInt8]
        ) {
            (writer, self.interval, self.text) = (ReportWriter(file), interval, text)
        }

        mutating func begin(at now: PoolTime) {
            if writer.mayBeRewritten { due = now }
        }

        mutating func write(_ statistics: () -> RunStatistics, at now: PoolTime) -> RunError? {
            guard let due, now >= due else { return nil }
            writer.post(text(statistics()))
            self.due = now + interval
            return writer.takeFailure()
        }
    }

    /// Creates reports without a file.
    init() {}

    /// Creates the reports whose files are named; `nil` stands for an option that is not given.
    ///
    /// The initializer checks that the files of `stats` and `metrics` can be written. It also checks that no
    /// two of the three files are the same.
    ///
    /// - Throws: `RunError.io` if a file cannot be written, or if two options name the same file. The message
    ///   names the file and its option, or the file and the two options.
    init(stats: String?, metrics: String?, output: String?) throws(RunError) {
        try NamedFiles.check([("--output", output), ("--stats", stats), ("--metrics", metrics)])
        if let stats {
            let file = try ReportFile(stats, option: "--stats")
            self.stats = Report(file, each: Self.statsInterval) { $0.json }
        }
        if let metrics {
            let file = try ReportFile(metrics, option: "--metrics")
            let run = ((metrics as NSString).lastPathComponent as NSString).deletingPathExtension
            self.metrics = Report(file, each: Self.metricsInterval) { MetricsText($0, run: run).bytes }
        }
    }

    /// Makes the first write due at `now`, for each file that can be replaced during the run.
    mutating func begin(at now: PoolTime) {
        stats?.begin(at: now)
        metrics?.begin(at: now)
    }

    /// The time at which `write` must be called.
    ///
    /// The value is `nil` before `begin`, or if no file is to be written before the end of the run.
    var due: PoolTime? { [stats?.due, metrics?.due].compactMap(\.self).min() }

    /// Writes the files that are due.
    ///
    /// - Returns: The errors of writes of these files that have ended. If several writes of a file fail in a
    ///   row, only the first error is returned.
    mutating func write(_ statistics: () -> RunStatistics, at now: PoolTime) -> [RunError] {
        [stats?.write(statistics, at: now), metrics?.write(statistics, at: now)].compactMap { $0 ?? nil }
    }

    /// Writes all files at the end of the run; returns the errors.
    ///
    /// Two waits end soon after `givesUp` returns true: the wait for a reader of a pipe, and the wait for an
    /// earlier write.
    func finish(_ statistics: RunStatistics, orUntil givesUp: () -> Bool) -> [RunError] {
        [stats, metrics].compactMap { report in
            report.flatMap { $0.writer.finish($0.text(statistics), orUntil: givesUp) }
        }
    }
}
