// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// The figures of a report, which are counted record by record in limited memory.
package struct ReportFigures: Sendable {
    /// A record that stands for others with the same class of error.
    struct Example: Sendable {
        var message: String
        var host: String
    }

    /// The names of the files, in order.
    package let sources: [String]
    /// The number of records that count.
    package private(set) var records = 0
    private(set) var outcomes = [Int](repeating: 0, count: Outcome.allCases.count)
    private(set) var classes = [Int](repeating: 0, count: ErrorClass.allCases.count)
    private(set) var outcomesOfClasses: [ErrorClass: Outcome] = [:]
    private(set) var examples: [ErrorClass: Example] = [:]
    /// The number of records by status, up to 999.
    private(set) var statuses = [Int](repeating: 0, count: 1_000)
    private(set) var bodyBytes = 0
    private(set) var wireBytes = 0
    /// The number of fetches, and of records with more than one.
    private(set) var attempts = 0
    private(set) var retried = 0
    private(set) var times = PhaseTimes()
    private(set) var grid = TimeGrid()
    let goodRow: TimeGrid.Row
    let failedRow: TimeGrid.Row
    private(set) var untimed = 0
    /// The beginning of the first fetch and the end of the last one, in milliseconds since
    /// 1970-01-01T00:00:00Z.
    private(set) var period: ClosedRange<Int>?
    private(set) var hosts = HostTable()
    private(set) var workers = WorkerFigures()
    private(set) var deaths = DeathFigures()
    private var host = HostName()

    /// The number of records that a later record of the same task replaces.
    package var superseded = 0
    /// The number of records with the id of an earlier one that all count, since standard input could not be
    /// read twice; 0 if the last records count.
    package var repeats = 0
    /// The number of lines that are no records, and the place of the first one; torn lines are not among
    /// them.
    package var otherLines = 0
    /// The file and the number of the first line that is no record.
    package var firstOtherLine: (source: Int, line: Int)?
    /// The number of lines that end in the midst of a record.
    package var tornLines = 0
    /// The numbers of the files that have no line.
    package var emptySources: [Int] = []

    /// Creates figures without a record; `sources` are the names of the files.
    package init(sources: [String]) {
        self.sources = sources
        (goodRow, failedRow) = (grid.addRow(), grid.addRow())
    }

    /// Takes over what another reading found about lines that are no records.
    mutating func takeLines(of other: Self) {
        (otherLines, firstOtherLine) = (other.otherLines, other.firstOtherLine)
        (tornLines, emptySources) = (other.tornLines, other.emptySources)
    }

    /// The number of records with an outcome.
    func count(_ outcome: Outcome) -> Int { outcomes[Outcome.allCases.firstIndex(of: outcome) ?? 0] }

    /// The number of records that are neither `ok` nor `skipped`.
    var failures: Int { records - count(.ok) - count(.skipped) }

    /// Counts a record of the file with the number `source`.
    package mutating func count(_ record: ReportRecord, in line: Span<UInt8>, source: Int) {
        records += 1
        let isFailure = !record.outcome.isGood
        outcomes[Outcome.allCases.firstIndex(of: record.outcome) ?? 0] += 1
        if let status = record.status, status < statuses.count { statuses[status] += 1 }
        // The limit prevents an overflow: each number is below 2^53.
        bodyBytes = min(bodyBytes + (record.bodyBytes ?? 0), 1 << 61)
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

    /// Counts the records in lines that fetchpool has just written; each ends with a line feed.
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
                WorkerFigures.Key(source: source, processes: true, place: worker.place),
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

/// The times of the phases of fetches and of processing.
struct PhaseTimes: Sendable {
    var total = LatencyHistogram()
    /// The phases that not each record has; `nil` before the first time.
    var firstByte: LatencyHistogram?
    var lookup: LatencyHistogram?
    var connecting: LatencyHistogram?
    var securing: LatencyHistogram?
    var processing: LatencyHistogram?

    /// Counts the times of a record.
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
