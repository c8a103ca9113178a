// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import PoolWire

/// The totals of a run, which are counted record by record.
struct RunSummary: Sendable {
    private var goodRecords = 0
    private var otherOutcomes: [Outcome: Int] = [:]
    private(set) var classes: [ErrorClass: Int] = [:]
    private(set) var records = 0
    private(set) var bodyBytes = 0
    private(set) var latency = LatencyHistogram()
    /// The durations of name look-ups for new connections, including look-ups in the worker's cache; `nil` if
    /// there were none.
    private(set) var lookups: LatencyHistogram?
    /// The number of retries of failed fetches.
    var retries = 0
    /// The number of workers that died or had to be ended; failed starts do not count.
    var restarts = 0
    /// The number of unusable lines from workers: lines that are no messages, and results of tasks that the
    /// worker does not have.
    var unusableLines = 0
    /// The tasks of earlier runs whose records stand; `nil` if the run is not resumed.
    var earlier: JournalTally?
    /// The seconds from the start of the run to its end.
    var seconds = 0.0

    /// The number of records by outcome.
    var outcomes: [Outcome: Int] {
        var all = otherOutcomes
        if goodRecords > 0 { all[.ok] = goodRecords }
        return all
    }

    /// The number of records that are neither `ok` nor `skipped`.
    var failures: Int { otherOutcomes.reduce(0) { $1.key.isGood ? $0 : $0 + $1.value } }

    /// Returns the number of records of this run that are failures by a rule.
    func failures(by rule: FailRule) -> Int {
        otherOutcomes.reduce(0) { rule.counts($1.key) ? $0 + $1.value : $0 }
    }

    /// The number of tasks of this run and of earlier ones, by the outcome of their last records.
    var allOutcomes: [Outcome: Int] {
        outcomes.merging(earlier?.outcomes ?? [:], uniquingKeysWith: +)
    }

    /// The number of tasks of this run and of earlier ones with an error, by its class.
    private var allClasses: [ErrorClass: Int] {
        classes.merging(earlier?.classes ?? [:], uniquingKeysWith: +)
    }

    private static func words(_ outcomes: [Outcome: Int]) -> String {
        let parts = Outcome.allCases.compactMap { outcome in
            outcomes[outcome].map { "\($0) \(outcome.rawValue)" }
        }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    /// Counts a record.
    mutating func count(_ outcome: Outcome, _ error: ErrorClass? = nil) {
        records += 1
        // Most records are `ok`. A dictionary access costs more than everything else here, and so does `==`,
        // which compares strings.
        if case .ok = outcome { goodRecords += 1 } else { otherOutcomes[outcome, default: 0] += 1 }
        if let error { classes[error, default: 0] += 1 }
    }

    /// Counts the bytes and times of a fetch.
    mutating func count(fetched answer: Answer) {
        count(bodyBytes: answer.bodyBytes, totalMilliseconds: answer.totalMilliseconds)
        if let lookup = answer.lookupMilliseconds { count(lookupMilliseconds: lookup) }
    }

    /// Counts the look-up of a host name, in milliseconds.
    mutating func count(lookupMilliseconds milliseconds: Double) {
        // The histogram is created only when needed, because it takes 20 KB and many runs have no look-up.
        lookups = lookups ?? LatencyHistogram()
        lookups?.add(milliseconds: milliseconds)
    }

    /// Counts the bytes and the duration of a fetch, if known.
    mutating func count(bodyBytes bytes: Int?, totalMilliseconds: Double?) {
        // The limit prevents an overflow: each number comes from a worker and is below 2^53.
        bodyBytes = min(bodyBytes + (bytes ?? 0), 1 << 62)
        if let total = totalMilliseconds { latency.add(milliseconds: total) }
    }

    /// The totals as a few lines for the user.
    var text: [String] {
        var lines = [
            "\(records) \(records == 1 ? "record" : "records") in \(Self.short(seconds)) s: "
                + Self.words(outcomes)
        ]
        if let earlier, earlier.count > 0 {
            lines.append("  with earlier runs, \(records + earlier.count) tasks: \(Self.words(allOutcomes))")
        }
        if !classes.isEmpty {
            let sorted = classes.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            lines.append(
                "  errors: " + sorted.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
            )
        }
        let rate = seconds > 0 ? Double(records) / seconds : 0
        var traffic = "  \(Self.short(rate)) records/s, \(Self.size(bodyBytes)) of bodies"
        if latency.total > 0 { traffic += "; latency in ms: \(Self.quantiles(latency))" }
        lines.append(traffic)
        // Look-ups that take less than a millisecond need no line: they asked a fast name server or none.
        if let lookups, lookups.longest >= 1 {
            let failed = classes[.dns].map { "; \($0) failed" } ?? ""
            lines.append("  name look-ups in ms: \(Self.quantiles(lookups))\(failed)")
        }
        if retries > 0 { lines.append("  retries: \(retries)") }
        if restarts > 0 { lines.append("  worker restarts: \(restarts)") }
        if unusableLines > 0 { lines.append("  unusable lines from workers: \(unusableLines)") }
        return lines
    }

    /// The same totals as JSON: one object and a line feed.
    ///
    /// The numbers of records, outcomes and errors include the tasks of earlier runs whose records stand.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("v")
        writer.integer(1)
        writer.name("records")
        writer.integer(records + (earlier?.count ?? 0))
        writer.name("resumed")
        writer.integer(earlier?.count ?? 0)
        writer.name("seconds")
        writer.seconds(fromMilliseconds: Int(seconds * 1_000))
        writeCounts(into: &writer)
        writer.name("body_bytes")
        writer.integer(bodyBytes)
        writer.name("latency_ms")
        write(latency, into: &writer)
        writer.name("dns_ms")
        write(lookups ?? LatencyHistogram(), into: &writer)
        writer.name("retries")
        writer.integer(retries)
        writer.name("worker_restarts")
        writer.integer(restarts)
        writer.name("unusable_lines")
        writer.integer(unusableLines)
        writer.endObject()
        writer.endLine()
        return writer.take()
    }

    private func writeCounts(into writer: inout JSONWriter) {
        writer.name("outcomes")
        writer.beginObject()
        let (outcomes, classes) = (allOutcomes, allClasses)
        for outcome in Outcome.allCases {
            guard let count = outcomes[outcome] else { continue }
            writer.name(text: outcome.rawValue)
            writer.integer(count)
        }
        writer.endObject()
        writer.name("errors")
        writer.beginObject()
        for error in ErrorClass.allCases {
            guard let count = classes[error], count > 0 else { continue }
            writer.name(text: error.rawValue)
            writer.integer(count)
        }
        writer.endObject()
    }

    private func write(_ times: LatencyHistogram, into writer: inout JSONWriter) {
        writer.beginObject()
        if times.total > 0 {
            writeMilliseconds("p50", times.quantile(0.5), into: &writer)
            writeMilliseconds("p90", times.quantile(0.9), into: &writer)
            writeMilliseconds("p99", times.quantile(0.99), into: &writer)
            writeMilliseconds("max", times.longest, into: &writer)
        }
        writer.endObject()
    }

    private static func quantiles(_ times: LatencyHistogram) -> String {
        let parts = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)].map {
            "\($0.0) \(short(times.quantile($0.1)))"
        }
        return "\(parts.joined(separator: ", ")), max \(short(times.longest))"
    }

    private func writeMilliseconds(_ name: StaticString, _ value: Double, into writer: inout JSONWriter) {
        writer.name(name)
        writer.milliseconds(fromMicroseconds: Int(value * 1_000))
    }

    /// Returns a number with up to three decimals: none from 100 on, one from 10 on, two from 0.1 on.
    static func short(_ value: Double) -> String {
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }

    /// Returns a size in the largest unit, up to TiB, in which it is 1 or more; the size 0 is in bytes.
    static func size(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1_024, unit < units.count - 1 { (value, unit) = (value / 1_024, unit + 1) }
        return unit == 0 ? "\(bytes) B" : "\(short(value)) \(units[unit])"
    }
}
