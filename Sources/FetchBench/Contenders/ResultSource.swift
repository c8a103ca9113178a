// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Where it stands how many tasks a program did, and in which time.
enum ResultSource: Sendable {
    /// In the summary that `--stats` writes to this file; the time is the whole program's.
    case summary(file: String)
    /// In one line of JSON that the program prints, `{"items":N,"ok":K,"seconds":S}`: its own time, once it was ready.
    case report
    /// It did one task, if its exit status is 0; the time is the whole program's.
    case exitStatus

    /// Reads the result of a run whose output lies in `folder`.
    ///
    /// - Throws: `BenchError` with what the program said, if it tells no result.
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
            if let first = report.firstTenth, let last = report.lastTenth {
                measurement.addTenths(first: first, last: last)
            }
        }
        return measurement
    }

    /// The members of a run's summary that are read.
    private struct Summary: Decodable {
        let records: Int
        let outcomes: [String: Int]
    }

    /// What programs print that measure themselves.
    private struct Report: Decodable {
        let items: Int?
        let tasks: Int?
        let ok: Int?
        let seconds: Double
        let firstTenth: Double?
        let lastTenth: Double?

        private enum CodingKeys: String, CodingKey {
            case items, tasks, ok, seconds
            case firstTenth = "first_tenth"
            case lastTenth = "last_tenth"
        }
    }

    private static func failure(_ run: ProgramRun, _ folder: String) -> BenchError {
        let said = ["stderr", "stdout"].compactMap {
            FileManager.default.contents(atPath: folder + "/" + $0)
        }
        let text = said.map { String(decoding: $0.suffix(300), as: UTF8.self) }
            .joined().trimmingCharacters(in: .whitespacesAndNewlines)
        return BenchError("status \(run.status), no result; it said: \(text.isEmpty ? "nothing" : text)")
    }
}
