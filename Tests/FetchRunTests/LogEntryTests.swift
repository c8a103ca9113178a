// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Testing

@testable import FetchRun

@Suite struct LogEntryTests {
    private static func members(_ entry: LogEntry) throws -> [String: Any] {
        let lines = entry.lines(.json)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.utf8.allSatisfy { $0 >= 0x20 })
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func aNoteIsOneObjectWithItsTimeLevelKindAndMessage() throws {
        let text = "fetchpool: a \"note\"\u{1B}[2J"
        let members = try Self.members(LogEntry(level: .warning, text: text))
        #expect(members.keys.sorted() == ["kind", "level", "message", "time"])
        #expect(members["level"] as? String == "warning")
        #expect(members["kind"] as? String == "note")
        #expect(members["message"] as? String == "a \"note\"\u{FFFD}[2J")
        let time = try #require(members["time"] as? String)
        #expect(time.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ/) != nil)
    }

    @Test func theLinesAfterTheFirstAreDetails() throws {
        let entry = LogEntry(level: .error, kind: .error, text: "fetchpool: it ended and said:\n  one\n  two")
        #expect(entry.lines(.text) == ["fetchpool: it ended and said:", "  one", "  two"])
        let members = try Self.members(entry)
        #expect(members["message"] as? String == "it ended and said:")
        #expect(members["details"] as? [String] == ["one", "two"])
    }

    @Test func theSummaryContainsTheStatistics() throws {
        var summary = RunSummary()
        summary.count(.ok)
        let members = try Self.members(LogEntry(summary, statistics: Array("{\"records\":1}\n".utf8)))
        #expect(members["kind"] as? String == "summary")
        #expect((members["statistics"] as? [String: Any])?["records"] as? Int == 1)
    }

    @Test func theObjectOfAWorkerContainsItsNumbers() throws {
        var worker = WorkerStatus(role: "processor", number: 3, pid: 77)
        (worker.inFlight, worker.done, worker.restarts, worker.memoryKB) = (1, 9, 2, 10)
        (worker.task, worker.taskTime) = ("example.com/", 1_500_000_000)
        let members = try Self.members(LogEntry(worker, "processor 3 · 1 in flight"))
        let numbers = [
            "worker": 3, "pid": 77, "in_flight": 1, "done": 9, "restarts": 2, "memory_bytes": 10_240,
        ]
        for (name, number) in numbers { #expect(members[name] as? Int == number, "\(name)") }
        #expect(members["role"] as? String == "processor")
        #expect(members["task"] as? String == "example.com/")
        #expect(members["task_seconds"] as? Double == 1.5)
        #expect(members["message"] as? String == "processor 3 · 1 in flight")
    }
}
