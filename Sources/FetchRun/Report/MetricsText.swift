// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import ProcessPool

/// The statistics of a run in the text format 0.0.4 of Prometheus, for node_exporter's textfile collector.
///
/// Each sample has the label `run`, so that the files of several runs on one machine can be collected
/// together. Counters count this run only, without the earlier runs that it resumes.
struct MetricsText {
    private var text = ""
    /// The label `run` as text: its name and its escaped value.
    private let run: String

    private enum Kind: String {
        case counter, gauge, histogram
    }

    /// Creates the text; `run` is the value of the label `run`.
    init(_ statistics: RunStatistics, run: String) {
        self.run = #"run=""# + Self.escaped(run) + #"""#
        addState(statistics)
        addRecords(statistics.summary)
        addTraffic(statistics.summary)
        addPools(statistics.pools)
    }

    /// The bytes of the text.
    var bytes: [UInt8] { Array(text.utf8) }

    private mutating func addState(_ statistics: RunStatistics) {
        let summary = statistics.summary
        begin("info", .gauge, "The version of fetchpool.")
        add("info", [("version", ProductVersion.text)], "1")
        single("running", .gauge, "1 while the run goes on, 0 after its end.", statistics.isRunning ? 1 : 0)
        begin("start_time_seconds", .gauge, "The start of the run, in seconds since 1970.")
        add("start_time_seconds", [], Self.seconds(milliseconds: statistics.startedAt))
        begin(
            "run_seconds",
            .gauge,
            "The time from the start of the run until now, or until the end of the run."
        )
        add("run_seconds", [], Self.seconds(milliseconds: Int(summary.seconds * 1_000)))
        single(
            "tasks_read_total",
            .counter,
            "Tasks and invalid lines taken from the input.",
            statistics.tasksRead
        )
        single(
            "tasks_waiting",
            .gauge,
            "Tasks and invalid lines that were read and wait for their turn, or for a retry.",
            statistics.waiting
        )
        single(
            "tasks_in_flight",
            .gauge,
            "Tasks in a fetch, in a processor, or between the two.",
            statistics.inFlight
        )
        single(
            "resumed_tasks",
            .gauge,
            "Tasks whose records are from earlier runs.",
            summary.earlier?.count ?? 0
        )
    }

    private mutating func addRecords(_ summary: RunSummary) {
        let (outcomes, classes) = (summary.outcomes, summary.classes)
        begin("records_total", .counter, "Records of this run, by outcome.")
        for outcome in Outcome.allCases {
            add("records_total", [("outcome", outcome.rawValue)], "\(outcomes[outcome] ?? 0)")
        }
        begin("errors_total", .counter, "Records of this run with an error, by its class.")
        for error in ErrorClass.allCases {
            guard let count = classes[error], count > 0 else { continue }
            add("errors_total", [("class", error.rawValue)], "\(count)")
        }
        begin(
            "responses_total",
            .counter,
            "Records of this run with a status from 0 to 999, by status."
        )
        for (status, count) in summary.statuses.all {
            add("responses_total", [("status", "\(status)")], "\(count)")
        }
        single(
            "unwritten_records_total",
            .counter,
            "Records that could not be written to the output.",
            summary.unwritten
        )
    }

    private mutating func addTraffic(_ summary: RunSummary) {
        histogram("fetch_duration_seconds", "The times of fetches.", summary.latency)
        histogram(
            "dns_lookup_duration_seconds",
            "The times that fetches waited for the addresses of their host names.",
            summary.lookups ?? LatencyHistogram()
        )
        single("body_bytes_total", .counter, "The sizes of bodies, decoded.", summary.bodyBytes)
        single("wire_bytes_total", .counter, "The sizes of bodies, as received.", summary.wireBytes)
        begin(
            "connection_fetches_total",
            .counter,
            "Fetches by connection: fetches that opened one, and fetches that only reused open connections."
        )
        let connections = [("opened", summary.connections.opened), ("reused", summary.connections.reused)]
        for (kind, count) in connections {
            add("connection_fetches_total", [("connection", kind)], "\(count)")
        }
        single("retries_total", .counter, "Retries of fetches.", summary.retries)
        single(
            "unusable_lines_total",
            .counter,
            "Lines of workers that could not be used.",
            summary.unusableLines
        )
    }

    private mutating func addPools(_ pools: [RunStatistics.Pool]) {
        begin(
            "worker_restarts_total",
            .counter,
            "Workers that died or had to be ended, by reason, without failed starts."
        )
        for pool in pools {
            for reason in RestartReason.allCases {
                let labels = [("pool", pool.role.rawValue), ("reason", reason.rawValue)]
                add("worker_restarts_total", labels, "\(pool.restarts[reason] ?? 0)")
            }
        }
        begin("workers", .gauge, "Workers by activity.")
        for pool in pools {
            for activity in WorkerTimes.Activity.allCases {
                let labels = [("pool", pool.role.rawValue), ("activity", activity.rawValue)]
                add("workers", labels, "\(pool.workers.count { $0.activity == activity })")
            }
        }
        begin("worker_seconds_total", .counter, "The time of all workers together, by activity.")
        for pool in pools {
            for (place, activity) in WorkerTimes.Activity.allCases.enumerated() {
                let labels = [("pool", pool.role.rawValue), ("activity", activity.rawValue)]
                let sum = pool.workers.reduce(0) { $0 + $1.nanoseconds[place] }
                add("worker_seconds_total", labels, Self.seconds(milliseconds: sum / 1_000_000))
            }
        }
    }

    // MARK: Samples

    /// The buckets of histograms: powers of two from 2^−2 ms to 2^20 ms, about 17 minutes.
    private static let buckets = (first: -2, last: 20)

    private mutating func histogram(_ name: String, _ help: String, _ times: LatencyHistogram) {
        begin(name, .histogram, help)
        let numbers = times.cumulative(from: Self.buckets.first, through: Self.buckets.last)
        for (power, number) in zip(Self.buckets.first...Self.buckets.last, numbers) {
            let bound = power < 0 ? 1 / Double(1 << -power) : Double(1 << power)
            add(name + "_bucket", [("le", "\(bound / 1_000)")], "\(number)")
        }
        add(name + "_bucket", [("le", "+Inf")], "\(times.total)")
        add(name + "_sum", [], "\(times.sum / 1_000)")
        add(name + "_count", [], "\(times.total)")
    }

    private mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        begin(name, kind, help)
        add(name, [], "\(value)")
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP fetchpool_\(name) \(help)\n# TYPE fetchpool_\(name) \(kind.rawValue)\n"
    }

    private mutating func add(_ name: String, _ labels: [(String, String)], _ value: String) {
        let all = labels.reduce(run) { $0 + #",\#($1.0)="\#(Self.escaped($1.1))""# }
        text += "fetchpool_\(name){\(all)} \(value)\n"
    }

    private static func seconds(milliseconds: Int) -> String { "\(Double(milliseconds) / 1_000)" }

    /// Returns the value of a label with its backslashes, quotes and line feeds escaped.
    ///
    /// The scalars that represent bytes outside UTF-8 (SystemText.swift) become U+FFFD.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += #"\\"#
            case "\"": text += #"\""#
            case "\n": text += #"\n"#
            case "\u{10FF80}"..."\u{10FFFF}": text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
