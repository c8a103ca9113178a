// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The figures of a report, counted record by record in limited memory.
package struct ReportFigures: Sendable {
    /// The message and the host of the first record of an error class.
    struct Example: Sendable {
        var message: String
        var host: String
    }

    /// The names of the files, in the order in which they are read.
    package let sources: [String]
    /// The number of counted records.
    package private(set) var records = 0
    private(set) var outcomes = [Int](repeating: 0, count: Outcome.allCases.count)
    private(set) var classes = [Int](repeating: 0, count: ErrorClass.allCases.count)
    private(set) var outcomesOfClasses: [ErrorClass: Outcome] = [:]
    private(set) var examples: [ErrorClass: Example] = [:]
    /// The number of records for each HTTP status from 0 to 999; the index is the status.
    private(set) var statuses = [Int](repeating: 0, count: 1_000)
    private(set) var bodyBytes = 0
    /// True if at least one record has the size of a body.
    private(set) var hasBodySizes = false
    private(set) var wireBytes = 0
    /// The sum of the attempts of all records.
    private(set) var attempts = 0
    /// The number of records with more than one attempt.
    private(set) var retried = 0
    private(set) var times = PhaseTimes()
    private(set) var grid = TimeGrid()
    let goodRow: TimeGrid.Row
    let failedRow: TimeGrid.Row
    /// The number of records without the time at which the fetch ended (`fetched_at`).
    private(set) var untimed = 0
    /// The earliest start and the latest end of a fetch, in milliseconds since 1970-01-01T00:00:00Z; `nil` if
    /// no record has the time at which the fetch ended.
    ///
    /// Only the last attempt of each task counts.
    private(set) var period: ClosedRange<Int>?
    private(set) var hosts = HostTable()
    private(set) var workers = WorkerFigures()
    private(set) var deaths = DeathFigures()
    private var host = HostName()

    /// The number of records that a later record of the same task replaces.
    package var superseded = 0
    /// The number of records with the id of an earlier record; always 0 if `ReportReader` could read the
    /// files a second time.
    package var repeats = 0
    /// The number of lines that are not records; torn lines and blank lines are not included.
    package var otherLines = 0
    /// The first line that `otherLines` includes: the index of the line's file in `sources`, and the line's
    /// number in this file, counted from 1; `nil` if `otherLines` is 0.
    package var firstOtherLine: (source: Int, line: Int)?
    /// The number of incomplete records, which a killed run or a loss of power can leave.
    package var tornLines = 0
    /// The indices in `sources` of the files that are empty or have only blank lines.
    package var emptySources: [Int] = []

    /// Creates figures of no records; `sources` are the names of the files.
    package init(sources: [String]) {
        self.sources = sources
        (goodRow, failedRow) = (grid.addRow(), grid.addRow())
    }

    /// Copies the figures on torn lines, lines that are not records, and empty files from `other`.
    mutating func takeLines(of other: Self) {
        (otherLines, firstOtherLine) = (other.otherLines, other.firstOtherLine)
        (tornLines, emptySources) = (other.tornLines, other.emptySources)
    }

    /// The number of records with `outcome`.
    func count(_ outcome: Outcome) -> Int { outcomes[Outcome.allCases.firstIndex(of: outcome) ?? 0] }

    /// The number of records that are neither `ok` nor `skipped`.
    var failures: Int { records - count(.ok) - count(.skipped) }

    /// Counts `record`, which was read from `line`; `source` is the index of the record's file in `sources`.
    package mutating func count(_ record: ReportRecord, in line: Span<UInt8>, source: Int) {
        records += 1
        let isFailure = !record.outcome.isGood
        outcomes[Outcome.allCases.firstIndex(of: record.outcome) ?? 0] += 1
        if let status = record.status, status < statuses.count { statuses[status] += 1 }
        // The limit prevents an overflow: each added number is below 2^53.
        bodyBytes = min(bodyBytes + (record.bodyBytes ?? 0), 1 << 61)
        if record.bodyBytes != nil { hasBodySizes = true }
        wireBytes = min(wireBytes + (record.wireBytes ?? 0), 1 << 61)
        if let attempt = record.attempt {
            attempts = min(attempts + attempt, 1 << 61)
            if attempt > 1 { retried += 1 }
        }
        times.count(record.timing)
        let column = countTime(record, isFailure: isFailure)
        let hasHost = host.read(record, in: line)
        if hasHost, record.outcome != .cancelled, record.outcome != .skipped {
            hosts.count(
                host.bytes,
                isFailure: isFailure,
                record.errorClass,
                milliseconds: record.timing.total
            )
        }
        countWorkers(record, at: column, source: source)
        if let error = record.errorClass { count(error, record, in: line, hasHost: hasHost) }
        if record.outcome == .workerCrash || record.outcome == .timeout { deaths.count(record, in: line) }
    }

    /// Counts the records in `lines`; each line ends with a line feed, and lines that are not records are
    /// skipped.
    package mutating func count(lines: Span<UInt8>) {
        var start = 0
        for index in lines.indices where lines[index] == 0x0A {
            let line = lines.extracting(start..<index)
            start = index + 1
            if let record = ReportRecord(reading: line) { count(record, in: line, source: 0) }
        }
    }

    private mutating func countTime(_ record: ReportRecord, isFailure: Bool) -> Int? {
        guard let end = record.fetchedAt else {
            untimed += 1
            return nil
        }
        let start = end - Int((record.timing.total ?? 0).rounded(.up))
        if let known = period {
            if start < known.lowerBound || end > known.upperBound {
                period = min(known.lowerBound, start)...max(known.upperBound, end)
            }
        } else {
            period = start...end
        }
        let column = grid.column(at: end)
        grid[isFailure ? failedRow : goodRow, column] += 1
        return column
    }

    private mutating func countWorkers(_ record: ReportRecord, at column: Int?, source: Int) {
        let died = record.outcome == .workerCrash || record.outcome == .timeout
        if let worker = record.worker {
            workers.count(
                WorkerFigures.Key(source: source, processes: false, place: worker.place),
                pid: worker.pid,
                isDeath: died && record.processor == nil,
                milliseconds: record.timing.total,
                at: column,
                in: &grid
            )
        }
        if let worker = record.processor {
            workers.count(
                WorkerFigures.Key(
                    source: source,
                    machine: record.worker.flatMap { $0.hasHost ? $0.place : nil },
                    processes: true,
                    place: worker.place
                ),
                pid: worker.pid,
                isDeath: died,
                milliseconds: record.timing.processing,
                at: column,
                in: &grid
            )
        }
    }

    private mutating func count(
        _ error: ErrorClass,
        _ record: ReportRecord,
        in line: Span<UInt8>,
        hasHost: Bool
    ) {
        classes[ErrorClass.allCases.firstIndex(of: error) ?? 0] += 1
        guard outcomesOfClasses[error] == nil else { return }
        outcomesOfClasses[error] = record.outcome
        examples[error] = Example(
            message: ShownText.of(record.errorMessage, in: line, limit: 160),
            host: hasHost ? ShownText.of(host.bytes, limit: 100) : ""
        )
    }
}

/// The times of whole fetches, of the phases of fetches, and of processing.
struct PhaseTimes: Sendable {
    var total = LatencyHistogram()
    // Each histogram below is `nil` until a duration is added to it.
    var firstByte: LatencyHistogram?
    var lookup: LatencyHistogram?
    var connecting: LatencyHistogram?
    var securing: LatencyHistogram?
    var processing: LatencyHistogram?

    mutating func count(_ timing: ReportRecord.Timing) {
        if let time = timing.total { total.add(milliseconds: time) }
        Self.add(timing.firstByte, to: &firstByte)
        Self.add(timing.lookup, to: &lookup)
        Self.add(timing.connecting, to: &connecting)
        Self.add(timing.securing, to: &securing)
        Self.add(timing.processing, to: &processing)
    }

    private static func add(_ time: Double?, to histogram: inout LatencyHistogram?) {
        guard let time else { return }
        if histogram == nil { histogram = LatencyHistogram() }
        histogram?.add(milliseconds: time)
    }
}
