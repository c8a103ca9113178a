// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The source of the number of finished tasks and of their time.
enum ResultSource: Sendable {
    /// The summary that `--stats` writes to this file; the time covers the whole run of the program.
    case summary(file: String)
    /// The last line that the program prints, such as `{"items":N,"ok":K,"seconds":S}`.
    ///
    /// The program measures `seconds` itself, usually from the end of its start-up. `cpu_seconds` in the line
    /// replaces the processor time of the whole run.
    case report
    /// The exit status: 0 means one finished task; the time covers the whole run of the program.
    case exitStatus

    /// Reads the result of a run whose output is in `folder`.
    ///
    /// - Throws: `BenchError` with the end of the program's output, if there is no valid result, or if the
    ///   exit status is not 0. With a summary, every exit status is valid.
    func measurement(of run: ProgramRun, folder: String) throws -> Measurement {
        var measurement = Measurement(
            items: 1,
            ok: 1,
            seconds: run.wallSeconds,
            cpuSeconds: run.cpuSeconds,
            peakKiB: run.peakKiB
        )
        switch self {
        case .exitStatus:
            guard run.status == 0 else { throw Self.failure(run, folder) }
        case .summary(let file):
            guard let data = FileManager.default.contents(atPath: file),
                let summary = try? JSONDecoder().decode(Summary.self, from: data)
            else { throw Self.failure(run, folder) }
            (measurement.items, measurement.ok) = (summary.records, summary.outcomes["ok"] ?? 0)
            measurement.addTenths(from: run.begin, run.arrivals)
        case .report:
            let output = FileManager.default.contents(atPath: folder + "/stdout") ?? Data()
            guard run.status == 0, let line = output.split(separator: UInt8(ascii: "\n")).last,
                let report = try? JSONDecoder().decode(Report.self, from: line)
            else { throw Self.failure(run, folder) }
            measurement.items = report.items ?? report.tasks ?? 0
            measurement.ok = report.ok ?? measurement.items
            measurement.seconds = report.seconds
            measurement.cpuSeconds = report.cpuSeconds ?? measurement.cpuSeconds
            if let first = report.firstTenth, let last = report.lastTenth {
                measurement.addTenths(first: first, last: last)
            }
            if let median = report.medianMicroseconds {
                measurement.figures = [FigureName.median.rawValue: median]
            }
        }
        return measurement
    }

    /// The required members of a run's summary.
    private struct Summary: Decodable {
        let records: Int
        let outcomes: [String: Int]
    }

    /// The report of a program that measures itself.
    private struct Report: Decodable {
        let items: Int?
        let tasks: Int?
        let ok: Int?
        let seconds: Double
        let cpuSeconds: Double?
        let firstTenth: Double?
        let lastTenth: Double?
        let medianMicroseconds: Double?

        private enum CodingKeys: String, CodingKey {
            case items, tasks, ok, seconds
            case cpuSeconds = "cpu_seconds"
            case firstTenth = "first_tenth"
            case lastTenth = "last_tenth"
            case medianMicroseconds = "median_us"
        }
    }

    private static func failure(_ run: ProgramRun, _ folder: String) -> BenchError {
        let said = ["stderr", "stdout"].compactMap {
            FileManager.default.contents(atPath: folder + "/" + $0)
        }
        let text = said.map { String(decoding: $0.suffix(300), as: UTF8.self) }
            .joined().trimmingCharacters(in: .whitespacesAndNewlines)
        return BenchError("status \(run.status), no result; output: \(text.isEmpty ? "none" : text)")
    }
}
