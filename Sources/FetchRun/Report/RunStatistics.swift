// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

/// The statistics of a run at one moment, for the files of `--stats` and `--metrics`.
struct RunStatistics: Sendable {
    /// One pool of a run.
    struct Pool: Sendable {
        /// The pool of fetch workers or of processing workers.
        enum Role: String, Sendable {
            case fetch, process
        }

        var role: Role
        /// The workers in the order of their slots; slots that never had a worker are left out.
        var workers: [Worker]
        /// The number of workers that died or had to be ended, by reason; failed starts do not count.
        var restarts: [RestartReason: Int]
    }

    /// The sums over all workers that one slot has had, one after the other.
    struct Worker: Sendable {
        var slot: Int
        var starts: Int
        var results: Int
        /// The activity of the present worker; `nil` if there is none.
        var activity: WorkerTimes.Activity?
        /// The time spent in each activity in nanoseconds, in the order of `WorkerTimes.Activity.allCases`.
        var nanoseconds: [Int]
    }

    var summary: RunSummary
    /// True until the run has ended.
    var isRunning = false
    /// The process id of the run.
    var pid = 0
    /// The time at which the run began, in milliseconds since 1970-01-01T00:00:00Z.
    var startedAt = 0
    /// The time at which these statistics were taken, in milliseconds since 1970-01-01T00:00:00Z.
    var writtenAt = 0
    /// The number of tasks and invalid lines of the input that the run has taken so far.
    var tasksRead = 0
    /// The number of tasks and invalid lines that wait to begin, and of tasks that wait for a retry.
    var waiting = 0
    /// The number of tasks in flight: in a fetch, in a processor, or between the two.
    var inFlight = 0
    var pools: [Pool] = []
    /// The hosts whose fetches took the most time, longest time first; at most `mostHosts`.
    var slowestHosts: [HostTime] = []

    /// The largest number of hosts in each list of hosts.
    static let mostHosts = 10

    /// The statistics as JSON: one object and a line feed.
    ///
    /// The numbers of records, outcomes and errors include tasks of earlier runs whose records still count.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("v", 1)
        writer.name("running")
        writer.bool(isRunning)
        writer.member("pid", pid)
        writer.name("started_at")
        writer.raw(RecordTime(milliseconds: startedAt).text)
        writer.name("written_at")
        writer.raw(RecordTime(milliseconds: writtenAt).text)
        writer.name("seconds")
        writer.seconds(fromMilliseconds: Int(summary.seconds * 1_000))
        writer.member("tasks_read", tasksRead)
        writer.member("tasks_waiting", waiting)
        writer.member("tasks_in_flight", inFlight)
        writer.member("records", summary.records + (summary.earlier?.count ?? 0))
        writer.member("resumed", summary.earlier?.count ?? 0)
        writer.member("unwritten_records", summary.unwritten)
        writeCounts(into: &writer)
        writeTraffic(into: &writer)
        writeHosts(into: &writer)
        writer.member("worker_restarts", summary.restarts)
        writer.member("unusable_lines", summary.unusableLines)
        writer.name("pools")
        writer.beginArray()
        for pool in pools { write(pool, into: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        return writer.take()
    }

    private func writeCounts(into writer: inout JSONWriter) {
        let (outcomes, classes) = (summary.allOutcomes, summary.allClasses)
        writer.counts("outcomes", Outcome.allCases.map { ($0.rawValue, outcomes[$0] ?? 0) })
        writer.counts("errors", ErrorClass.allCases.map { ($0.rawValue, classes[$0] ?? 0) })
        var statuses = summary.statuses.all.map { (String($0.status), $0.count) }
        statuses.append(("other", summary.statuses.others))
        writer.counts("statuses", statuses)
    }

    private func writeTraffic(into writer: inout JSONWriter) {
        writer.member("body_bytes", summary.bodyBytes)
        writer.member("wire_bytes", summary.wireBytes)
        writer.name("latency_ms")
        writer.quantiles(of: summary.latency)
        writer.name("dns_ms")
        writer.quantiles(of: summary.lookups ?? LatencyHistogram())
        writer.name("connections")
        writer.beginObject()
        let (opened, reused) = (summary.connections.opened, summary.connections.reused)
        writer.member("opened", opened)
        writer.member("reused", reused)
        if opened + reused > 0 {
            writer.name("reuse_ratio")
            // `seconds(fromMilliseconds:)` divides by 1,000, which also suits a ratio in thousandths.
            writer.seconds(fromMilliseconds: reused * 1_000 / (opened + reused))
        }
        writer.endObject()
        writer.member("retries", summary.retries)
    }

    private func writeHosts(into writer: inout JSONWriter) {
        writer.name("hosts_by_failures")
        writer.beginArray()
        for entry in summary.failingHosts.largest(Self.mostHosts) {
            writer.beginObject()
            writer.name("host")
            writer.string(entry.key.description)
            writer.member("failures", entry.sum)
            if entry.excess > 0 { writer.member("excess", entry.excess) }
            writer.endObject()
        }
        writer.endArray()
        writer.name("hosts_by_time")
        writer.beginArray()
        for host in slowestHosts {
            writer.beginObject()
            writer.name("host")
            writer.string(host.host.description)
            writer.name("total_ms")
            writer.milliseconds(fromMicroseconds: host.microseconds)
            if host.excess > 0 {
                writer.name("excess_ms")
                writer.milliseconds(fromMicroseconds: host.excess)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ pool: Pool, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("role")
        writer.string(pool.role.rawValue)
        writer.counts("restarts", RestartReason.allCases.map { ($0.rawValue, pool.restarts[$0] ?? 0) })
        writer.name("workers")
        writer.beginArray()
        for worker in pool.workers {
            writer.beginObject()
            writer.member("id", worker.slot)
            writer.member("starts", worker.starts)
            writer.member("results", worker.results)
            for (activity, time) in zip(WorkerTimes.Activity.allCases, worker.nanoseconds) {
                writer.name(text: activity.rawValue + "_s")
                writer.seconds(fromMilliseconds: time / 1_000_000)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension RunStatistics.Pool {
    /// Creates the statistics of a pool.
    init(_ role: Role, _ loop: PoolLoop, _ pool: Int) {
        let now = loop.now
        var workers: [RunStatistics.Worker] = []
        for (slot, times) in loop.workerTimes(of: pool).enumerated() where times.starts > 0 {
            workers.append(
                RunStatistics.Worker(
                    slot: slot,
                    starts: times.starts,
                    results: times.results,
                    activity: times.activity,
                    nanoseconds: WorkerTimes.Activity.allCases.map { times.nanoseconds($0, until: now) }
                )
            )
        }
        self.init(role: role, workers: workers, restarts: loop.restartReasons(of: pool))
    }
}

extension JSONWriter {
    /// Writes a member with a number.
    fileprivate mutating func member(_ name: StaticString, _ number: Int) {
        self.name(name)
        integer(number)
    }

    /// Writes a member with an object of numbers; numbers of 0 are left out.
    fileprivate mutating func counts(_ name: StaticString, _ counts: [(String, Int)]) {
        self.name(name)
        beginObject()
        for (name, count) in counts where count > 0 {
            self.name(text: name)
            integer(count)
        }
        endObject()
    }

    /// Writes an object with the quantiles and the maximum of a histogram; the object is empty if the
    /// histogram has no durations.
    fileprivate mutating func quantiles(of times: LatencyHistogram) {
        beginObject()
        if times.total > 0 {
            let shares: [(StaticString, Double)] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)]
            for (name, share) in shares {
                self.name(name)
                milliseconds(fromMicroseconds: Int(times.quantile(share) * 1_000))
            }
            name("max")
            milliseconds(fromMicroseconds: Int(times.longest * 1_000))
        }
        endObject()
    }
}
