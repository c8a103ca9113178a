// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The records with the outcome `worker_crash` or `timeout`, counted by cause, with some of them as examples.
struct DeathFigures: Sendable {
    /// A record with the outcome `worker_crash` or `timeout`.
    struct Example: Sendable {
        var id: String
        var url: String
        var message: String
        /// The first lines of the record's `stderr_tail`.
        var lines: [String]
        var process: String
        /// The time at which the fetch ended, in milliseconds since 1970-01-01T00:00:00Z; `nil` if not known.
        var time: Int?
        /// The worker's peak memory in KiB; `nil` if not known.
        var peakKiB: Int?
        var bodyPath: String
    }

    /// A cause of deaths: a name, such as a signal or an exit code, and the error class of the records.
    ///
    /// The class is `nil` if the records have none. The last cause can be `other causes`, also without a
    /// class: it stands for all causes after the first `mostCauses`.
    struct Cause: Sendable {
        let name: String
        let errorClass: ErrorClass?
        var count = 0
        var examples: [Example] = []
    }

    private static let mostCauses = 24
    private static let mostExamples = 3
    private static let mostExamplesInAll = 24
    /// The largest number of lines of standard error in an example.
    private static let mostLines = 40

    private(set) var causes: [Cause] = []
    private var places: [String: Int] = [:]
    private var examples = 0

    /// Counts a record whose outcome is `worker_crash` or `timeout`.
    mutating func count(_ record: ReportRecord, in line: Span<UInt8>) {
        var name = ShownText.of(record.signal, in: line, limit: 40)
        if name.isEmpty { name = record.exitCode.map { "exit code \($0)" } ?? "" }
        if name.isEmpty { name = record.outcome == .timeout ? "deadline" : "unknown" }
        let key = name + " " + (record.errorClass?.rawValue ?? "")
        let place: Int
        if let known = places[key] {
            place = known
        } else if causes.count < Self.mostCauses {
            place = causes.count
            causes.append(Cause(name: name, errorClass: record.errorClass))
            places[key] = place
        } else {
            if causes.count == Self.mostCauses { causes.append(Cause(name: "other causes", errorClass: nil)) }
            place = Self.mostCauses
        }
        causes[place].count += 1
        guard causes[place].examples.count < Self.mostExamples, examples < Self.mostExamplesInAll else {
            return
        }
        examples += 1
        causes[place].examples.append(Self.example(record, in: line))
    }

    private static func example(_ record: ReportRecord, in line: Span<UInt8>) -> Example {
        let worker = record.processor ?? record.worker
        let name = ShownText.of(record.processorName, in: line, limit: 60)
        var process = record.processor == nil ? "fetch worker" : name.isEmpty ? "processor" : name
        if let worker {
            process += " \(worker.place)"
            if let pid = worker.pid { process += ", pid \(pid)" }
        }
        return Example(
            id: ShownText.of(record.id, in: line, limit: 80),
            url: ShownText.of(record.url, in: line, limit: 300),
            message: ShownText.of(record.errorMessage, in: line, limit: 400),
            lines: ShownText.lines(of: record.errorTail, in: line, most: mostLines, limit: 400),
            process: process,
            time: record.fetchedAt,
            peakKiB: record.peakKiB,
            bodyPath: ShownText.of(record.bodyPath, in: line, limit: 300)
        )
    }
}
