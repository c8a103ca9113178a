// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Platform

/// The totals of a run, which are counted with each record and each fetch.
struct RunSummary: Sendable {
    private var goodRecords = 0
    private var otherOutcomes: [Outcome: Int] = [:]
    /// The number of records with an error, by the class of the error.
    private(set) var classes: [ErrorClass: Int] = [:]
    private(set) var records = 0
    /// The number of records of tasks that were not fetched, and of invalid lines, by outcome.
    ///
    /// Records that could not be written count too.
    private var unfetched: [Outcome: Int] = [:]
    /// The number of records by HTTP status.
    private(set) var statuses = StatusCounts()
    /// The number of records that could not be written.
    ///
    /// `records` and `outcomes` do not include these records. `classes` and `statuses` include these records
    /// only if `--fields` leaves `error` or `status` out. The numbers about fetches include their fetches.
    private(set) var unwritten = 0
    /// The size of the bodies of all fetches in bytes, decoded.
    private(set) var bodyBytes = 0
    /// The size of the bodies of all fetches in bytes, as received.
    private(set) var wireBytes = 0
    /// The number of fetches that opened a connection, and the number of fetches that used only connections
    /// that were already open.
    private(set) var connections = (opened: 0, reused: 0)
    /// The times of whole fetches (`total_ms`).
    private(set) var latency = LatencyHistogram()
    /// The times that fetches waited for the addresses of host names (`dns_ms`); `nil` for none.
    private(set) var lookups: LatencyHistogram?
    /// The number of failures of each host, exact for up to 256 hosts; see `Outcome.isFailureOfHost`.
    private(set) var failingHosts = HeavyHitters<HostKey>(places: 256)
    /// The number of retries of failed fetches.
    var retries = 0
    /// The number of workers that died or had to be ended; failed starts do not count.
    var restarts = 0
    /// The number of unusable lines from workers: lines that are not messages, and results that the pool did
    /// not accept (`WorkerNote.strayResult`).
    var unusableLines = 0
    /// The tasks of the output file by their last records; `nil` if the run is not resumed.
    ///
    /// Before `takeJournal`, these are the tasks of earlier runs; afterwards, they are all tasks in the file.
    var journal: JournalTally?
    /// The tasks of `journal` that have a record of this run.
    private var replaced = JournalTally()
    /// The seconds from the start of the run to now, or to the end of the run.
    var seconds = 0.0

    /// The tasks of earlier runs whose records still count; `nil` if the run is not resumed.
    var earlier: JournalTally? {
        guard var rest = journal else { return nil }
        rest.remove(replaced)
        return rest
    }

    /// The number of records by outcome.
    var outcomes: [Outcome: Int] {
        var all = otherOutcomes.filter { $0.value > 0 }
        if goodRecords > 0 { all[.ok] = goodRecords }
        return all
    }

    /// The number of records that are neither `ok` nor `skipped`.
    var failures: Int { otherOutcomes.reduce(0) { $1.key.isGood ? $0 : $0 + $1.value } }

    /// Returns the number of records of this run that are failures by a rule.
    func failures(by rule: FailRule) -> Int {
        otherOutcomes.reduce(0) { rule.counts($1.key) ? $0 + $1.value : $0 }
    }

    /// Returns the number of records of fetched tasks, and how many of them are failures by a rule.
    func fetched(failuresBy rule: FailRule) -> (records: Int, failures: Int) {
        unfetched.reduce(into: (records, failures(by: rule))) { fetched, part in
            fetched.0 -= part.value
            if rule.counts(part.key) { fetched.1 -= part.value }
        }
    }

    /// The number of tasks of this run and of earlier runs, by the outcome of the tasks' last records.
    var allOutcomes: [Outcome: Int] {
        outcomes.merging(earlier?.outcomes ?? [:], uniquingKeysWith: +)
    }

    /// The number of tasks of this run and of earlier runs whose last record has an error, by the class of
    /// the error.
    var allClasses: [ErrorClass: Int] {
        classes.merging(earlier?.classes ?? [:], uniquingKeysWith: +)
    }

    private static func words(_ outcomes: [Outcome: Int]) -> String {
        let parts = Outcome.allCases.compactMap { outcome in
            outcomes[outcome].map { "\($0) \(outcome.rawValue)" }
        }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    /// Counts a record.
    @inline(__always)
    mutating func count(_ outcome: Outcome, _ error: ErrorClass? = nil, status: Int? = nil) {
        records += 1
        // Most records are `ok`, and a dictionary access costs more than everything else here.
        if case .ok = outcome { goodRecords += 1 } else { otherOutcomes[outcome, default: 0] += 1 }
        if let error { classes[error, default: 0] += 1 }
        if let status { statuses.change(status) }
    }

    /// Notes that the last counted record belongs to an invalid line, or to a task that was not fetched.
    mutating func noteUnfetched(_ outcome: Outcome) { unfetched[outcome, default: 0] += 1 }

    /// Subtracts a record that could not be written; `entry` and `status` come from the record's line.
    mutating func countUnwritten(_ entry: JournalEntry, status: Int?) {
        unwritten += 1
        records -= 1
        if entry.outcome == .ok {
            goodRecords -= 1
        } else {
            Self.subtract(entry.outcome, from: &otherOutcomes)
        }
        if let error = entry.errorClass { Self.subtract(error, from: &classes) }
        if let status { statuses.change(status, by: -1) }
    }

    /// Subtracts 1; a number that becomes 0 is removed, so that the summary does not show it.
    private static func subtract<Key>(_ key: Key, from numbers: inout [Key: Int]) {
        let number = numbers[key, default: 0] - 1
        numbers[key] = number == 0 ? nil : number
    }

    /// Sets `journal` to `tally`, which counts the tasks of the output file after this run.
    ///
    /// If records could not be written, only the file shows which records of earlier runs still count.
    /// `hasErrors` is false if the records of this run have no `error`, because `--fields` leaves it out.
    mutating func takeJournal(afterThisRun tally: JournalTally, hasErrors: Bool) {
        journal = tally
        replaced = JournalTally(outcomes: outcomes, classes: hasErrors ? classes : [:])
    }

    /// Counts a failure of a host.
    mutating func countFailure(of host: HostKey) { failingHosts.add(host) }

    /// Subtracts a failure whose record could not be written.
    mutating func countUnwrittenFailure(of host: HostKey) { failingHosts.subtract(host) }

    /// Notes that a record of an earlier run no longer counts, because the task has a new record.
    ///
    /// `mark` is the mark of the earlier record's `JournalEntry`.
    mutating func countReplaced(_ mark: UInt16) {
        if let entry = JournalEntry(mark: mark) { replaced.add(entry) }
    }

    /// Counts the bytes, times and connections of a fetch.
    @inline(__always)
    mutating func count(_ traffic: FetchTraffic) {
        // The limit prevents an overflow: each number comes from a worker and is below 2^53.
        if let bytes = traffic.bodyBytes { bodyBytes = min(bodyBytes + bytes, 1 << 62) }
        if let bytes = traffic.wireBytes { wireBytes = min(wireBytes + bytes, 1 << 62) }
        if traffic.hasPeer {
            if traffic.hasConnected { connections.opened += 1 } else { connections.reused += 1 }
        }
        if let total = traffic.totalMilliseconds { latency.add(milliseconds: total) }
        if let lookup = traffic.lookupMilliseconds { count(lookupMilliseconds: lookup) }
    }

    /// Counts the time that a fetch waited for the addresses of its host name.
    private mutating func count(lookupMilliseconds milliseconds: Double) {
        // The histogram takes 20 KB, and some runs need none.
        lookups = lookups ?? LatencyHistogram()
        lookups?.add(milliseconds: milliseconds)
    }

    /// The totals as a few lines for the user.
    var text: [String] {
        var lines = [
            "\(records) \(records == 1 ? "record" : "records") in \(Self.short(seconds)) s: "
                + Self.words(outcomes)
        ]
        if let earlier, earlier.count > 0 {
            let tasks = records + earlier.count
            let noun = tasks == 1 ? "task" : "tasks"
            lines.append("  with earlier runs, \(tasks) \(noun): \(Self.words(allOutcomes))")
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
        // Look-ups need no line if each took less than a millisecond.
        if let lookups, lookups.longest >= 1 {
            let failed = classes[.dns, default: 0]
            let noun = failed == 1 ? "record" : "records"
            let errors = failed > 0 ? "; \(failed) \(noun) with error dns" : ""
            lines.append("  name look-ups in ms: \(Self.quantiles(lookups))\(errors)")
        }
        if retries > 0 { lines.append("  retries: \(retries)") }
        if restarts > 0 { lines.append("  worker restarts: \(restarts)") }
        if unwritten > 0 { lines.append("  records that could not be written: \(unwritten)") }
        if unusableLines > 0 { lines.append("  unusable lines from workers: \(unusableLines)") }
        return lines
    }

    private static func quantiles(_ times: LatencyHistogram) -> String {
        let parts = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)].map {
            "\($0.0) \(short(times.quantile($0.1)))"
        }
        return "\(parts.joined(separator: ", ")), max \(short(times.longest))"
    }

    /// Returns a number with up to three decimals: none from 100 on, one from 10 on, two from 0.1 on.
    ///
    /// The rounded number counts: 99.96 is `100`, not `100.0`.
    static func short(_ value: Double) -> String {
        let digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.0995 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }

    /// Returns a size with a unit from B to TiB.
    ///
    /// The rounded size counts: 1 byte less than 1 MiB is `1.00 MiB`, not `1024 KiB`.
    static func size(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1_023.5, unit < units.count - 1 { (value, unit) = (value / 1_024, unit + 1) }
        return unit == 0 ? "\(bytes) B" : "\(short(value)) \(units[unit])"
    }
}
