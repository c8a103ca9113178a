// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import ProcessPool
import Testing

@testable import FetchRun

@Suite struct RunStatisticsTests {
    private var sample: RunStatistics {
        var summary = RunSummary()
        for _ in 0..<3 { summary.count(.ok, status: 200) }
        for _ in 0..<2 { summary.count(.httpError, .httpStatus, status: 404) }
        summary.count(.fetchError, .tls)
        summary.count(.ok, status: 1_000_000)
        summary.countFailure(of: HostKey(name: "::1", port: 80))
        var traffic = FetchTraffic()
        (traffic.bodyBytes, traffic.wireBytes, traffic.totalMilliseconds) = (3_000, 1_000, 9.7)
        traffic.hasPeer = true
        summary.count(traffic)
        traffic.hasConnected = true
        traffic.lookupMilliseconds = 20
        summary.count(traffic)
        (summary.restarts, summary.seconds) = (3, 2.5)
        var statistics = RunStatistics(summary: summary, isRunning: true)
        (statistics.pid, statistics.startedAt, statistics.writtenAt) = (7, 0, 2_500)
        (statistics.tasksRead, statistics.waiting, statistics.inFlight) = (10, 2, 1)
        let worker = RunStatistics.Worker(
            slot: 1,
            starts: 4,
            results: 7,
            activity: .waiting,
            nanoseconds: [20_000_000, 0, 2_000_000_000]
        )
        statistics.pools = [
            RunStatistics.Pool(role: .process, workers: [worker], restarts: [.signal: 2, .oom: 1])
        ]
        return statistics
    }

    @Test func theStatisticsAreOneLineOfJSON() {
        let expected =
            #"{"v":1,"running":true,"pid":7,"started_at":"1970-01-01T00:00:00.000Z","#
            + #""written_at":"1970-01-01T00:00:02.500Z","seconds":2.5,"tasks_read":10,"tasks_waiting":2,"#
            + #""tasks_in_flight":1,"records":7,"resumed":0,"unwritten_records":0,"#
            + #""outcomes":{"ok":4,"http_error":2,"fetch_error":1},"errors":{"http_status":2,"tls":1},"#
            + #""statuses":{"200":3,"404":2,"other":1},"body_bytes":6000,"wire_bytes":2000,"#
            + #""latency_ms":{"p50":9.7,"p90":9.7,"p99":9.7,"max":9.7},"#
            + #""dns_ms":{"p50":20,"p90":20,"p99":20,"max":20},"#
            + #""connections":{"opened":1,"reused":1,"reuse_ratio":0.5},"retries":0,"#
            + #""hosts_by_failures":[{"host":"[::1]:80","failures":1}],"hosts_by_time":[],"#
            + #""worker_restarts":3,"unusable_lines":0,"pools":[{"role":"process","#
            + #""restarts":{"signal":2,"oom":1},"workers":[{"id":1,"starts":4,"results":7,"#
            + #""starting_s":0.02,"waiting_s":0,"working_s":2}]}]}"#
        #expect(String(decoding: sample.json, as: UTF8.self) == expected + "\n")
    }

    @Test func tasksOfEarlierRunsAreCounted() {
        var statistics = sample
        statistics.summary.journal = JournalTally(
            outcomes: [.ok: 1, .timeout: 1],
            classes: [.deadline: 1]
        )
        let json = String(decoding: statistics.json, as: UTF8.self)
        #expect(json.contains(#""records":9,"resumed":2,"#))
        #expect(json.contains(#""outcomes":{"ok":5,"http_error":2,"fetch_error":1,"timeout":1}"#))
        #expect(json.contains(#""deadline":1"#))
    }

    @Test func anEmptyRunIsJSONWithoutLatencies() {
        let text = String(decoding: RunStatistics(summary: RunSummary()).json, as: UTF8.self)
        #expect(text.contains(#""outcomes":{},"errors":{},"statuses":{},"body_bytes":0,"#))
        #expect(text.contains(#""latency_ms":{},"dns_ms":{},"connections":{"opened":0,"reused":0},"#))
    }

    private func page(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Sources/fetchpool/fetchpool.docc/\(name).md")
        return try String(contentsOf: file, encoding: .utf8)
    }

    @Test(arguments: ["RecordSchema", "StatisticsSchema"])
    func theSchemasHaveEachOutcomeAndErrorClass(name: String) throws {
        var words = Outcome.allCases.map(\.rawValue) + ErrorClass.allCases.map(\.rawValue)
        if name == "StatisticsSchema" { words += RestartReason.allCases.map(\.rawValue) }
        let page = try page(name)
        for word in words { #expect(page.contains("\"\(word)\""), "\(word)") }
    }

    @Test func eachTopLevelMemberIsDocumented() throws {
        let page = try page("Statistics")
        let object = try JSONSerialization.jsonObject(with: Data(sample.json)) as? [String: Any]
        let names = try #require(object).keys.sorted()
        #expect(names.count == 26)
        for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
    }
}
