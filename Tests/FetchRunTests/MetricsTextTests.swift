// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import ProcessPool
import Testing

@testable import FetchRun

@Suite struct MetricsTextTests {
    private var sample: RunStatistics {
        var summary = RunSummary()
        summary.count(.ok, status: 200)
        summary.count(.httpError, .httpStatus, status: 404)
        for milliseconds in [0.1, 1, 1.001, 2, 5e6] {
            var traffic = FetchTraffic()
            traffic.totalMilliseconds = milliseconds
            (traffic.hasPeer, traffic.hasConnected) = (true, milliseconds == 1)
            summary.count(traffic)
        }
        var statistics = RunStatistics(summary: summary, isRunning: true)
        let worker = RunStatistics.Worker(
            slot: 0,
            starts: 1,
            results: 2,
            activity: .working,
            nanoseconds: [1_000_000, 2_500_000_000, 0]
        )
        statistics.pools = [RunStatistics.Pool(role: .fetch, workers: [worker], restarts: [.oom: 3])]
        return statistics
    }

    private func text(_ run: String = "r") -> String {
        String(decoding: MetricsText(sample, run: run).bytes, as: UTF8.self)
    }

    @Test(arguments: ["r", "", "a\\b\"c\nd", "\u{2028}é\r\t\u{10FFAA}"])
    func theTextHasTheFormOfPrometheus(run: String) throws {
        let families = try MetricsCheck.read(text(run))
        #expect(families.count > 20)
        #expect(families.allSatisfy { $0.samples.count > 0 || $0.name.hasSuffix("_total") })
        let shown = run.replacing("\u{10FFAA}", with: "\u{FFFD}")
        for family in families { #expect(family.samples.allSatisfy { $0.labels["run"] == shown }) }
    }

    @Test func aBucketIncludesItsUpperBound() throws {
        let families = try MetricsCheck.read(text())
        let times = try #require(families.first { $0.name == "fetchpool_fetch_duration_seconds" })
        func count(_ bound: String) -> Double? { times.samples.first { $0.labels["le"] == bound }?.value }
        #expect(count("0.00025") == 1)
        #expect(count("0.001") == 2)
        #expect(count("0.002") == 4)
        #expect(count("1048.576") == 4)
        #expect(count("+Inf") == 5)
    }

    @Test func countsAreThoseOfTheStatistics() {
        let text = text()
        for line in [
            #"fetchpool_records_total{run="r",outcome="http_error"} 1"#,
            #"fetchpool_errors_total{run="r",class="http_status"} 1"#,
            #"fetchpool_responses_total{run="r",status="404"} 1"#,
            #"fetchpool_connection_fetches_total{run="r",connection="opened"} 1"#,
            #"fetchpool_connection_fetches_total{run="r",connection="reused"} 4"#,
            #"fetchpool_worker_restarts_total{run="r",pool="fetch",reason="oom"} 3"#,
            #"fetchpool_workers{run="r",pool="fetch",activity="working"} 1"#,
            #"fetchpool_worker_seconds_total{run="r",pool="fetch",activity="waiting"} 2.5"#,
            #"fetchpool_running{run="r"} 1"#,
        ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
    }

    @Test(arguments: [
        "m 1\n", "# HELP m h\n# TYPE m gauge\nm 1", "# HELP m h\n# TYPE m gauge\nm{a=\"b} 1\n",
        "# HELP m h\n# TYPE m counter\nm 1\n", "# HELP m h\n# TYPE m gauge\nm 1\nm 2\n",
        "# HELP m h\n# TYPE m gauge\nm{a=\"\\x\"} 1\n", "# HELP m h\n# TYPE m gauge\nm one\n",
        "# HELP m h\n# TYPE m histogram\nm_bucket{le=\"1\"} 2\nm_bucket{le=\"+Inf\"} 1\nm_sum 1\nm_count 1\n",
        "# HELP m h\n# TYPE m histogram\nm_bucket{le=\"+Inf\"} 2\nm_sum 1\nm_count 1\n",
    ])
    func metricsCheckRefusesInvalidTexts(text: String) {
        #expect(throws: MetricsCheck.Fault.self) { try MetricsCheck.read(text) }
    }
}
