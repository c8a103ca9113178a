// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the files of `--stats` and `--metrics`.
@Suite(.ownThread)
struct StatisticsTests {
    private let folder = TestFolder()

    private func stats(_ name: String = "stats") throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(folder.read(name).utf8))
        return try #require(object as? [String: Any])
    }

    private func waitUntil(_ isTrue: () -> Bool) {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isTrue(), ContinuousClock.now < deadline { usleep(2_000) }
        #expect(isTrue())
    }

    @Test func theFilesSayThatTheRunGoesOnAndThenThatItHasEnded() throws {
        try folder.write("old", to: "stats")
        let options = ["--stats", folder.file("stats"), "--metrics", folder.file("m.prom")]
        let running = try RunningProgram("fetchpool", ["-q"] + options)
        waitUntil { (try? stats()["running"] as? Bool) == true }
        waitUntil { (try? folder.read("m.prom").contains("fetchpool_running{run=\"m\"} 1\n")) == true }
        #expect(try stats()["pid"] as? Int == Int(running.pid))
        // The metrics are replaced while the run goes on.
        try running.send("data:,a")
        waitUntil { (try? folder.read("m.prom").contains(#"{run="m",outcome="ok"} 1"#)) == true }
        #expect(try stats()["running"] as? Bool == true)
        running.endInput()
        #expect(try running.waitForEnd() == .status(0))
        #expect(try stats()["running"] as? Bool == false)
        #expect(try stats()["records"] as? Int == 1)
        #expect(try folder.read("m.prom").contains("fetchpool_running{run=\"m\"} 0\n"))
        #expect(folder.names == ["m.prom", "stats"])
    }

    @Test func theStatisticsAgreeWithTheRecords() throws {
        let server = try FixtureServer()
        let paths = ["/get", "/get", "/status/404", "/status/404", "/reset", "/flaky/1/s", "/redirect/1"]
        let arguments = ["-q", "-w", "1", "--stats", folder.file("stats"), "-p", "json"]
        let run = try RunningProgram.run("fetchpool", arguments + paths.map { server.base + $0 } + ["no url"])
        let (stats, records) = (try stats(), try run.records)
        #expect(stats["records"] as? Int == records.count)
        #expect(stats["outcomes"] as? [String: Int] == records.outcomes)
        #expect(stats["statuses"] as? [String: Int] == ["200": 4, "404": 2])
        let host = String(server.base.dropFirst("http://".count))
        let failing = try #require(stats["hosts_by_failures"] as? [[String: Any]])
        #expect(failing.count == 1)
        #expect(failing.first?["host"] as? String == host)
        let failures = records.outcomes.filter { $0.key != "ok" && $0.key != "invalid" }.values
        #expect(failing.first?["failures"] as? Int == failures.reduce(0, +))
        let slow = try #require((stats["hosts_by_time"] as? [[String: Any]])?.first)
        #expect(slow["host"] as? String == host)
        #expect(slow["total_ms"] as? Double ?? 0 > 0)
        let connections = try #require(stats["connections"] as? [String: Any])
        #expect(connections["opened"] as? Int ?? 0 >= 1)
        #expect(connections["reused"] as? Int ?? 0 >= 1)
        #expect(stats["wire_bytes"] as? Int ?? 0 > 0)
        let pools = try #require(stats["pools"] as? [[String: Any]])
        #expect(pools.compactMap { $0["role"] as? String } == ["fetch", "process"])
        let processor = try #require((pools[1]["workers"] as? [[String: Any]])?.first)
        #expect(processor["results"] as? Int == 4)
        let seconds = ["starting_s", "waiting_s", "working_s"].compactMap { processor[$0] as? Double }
        #expect(seconds.count == 3)
        #expect(seconds.reduce(0, +) <= stats["seconds"] as? Double ?? 0)
    }

    @Test func restartsHaveTheirReasons() throws {
        let page = "data:text/html,<meta name=\"fixture\" content=\"crash\">"
        let command = "'\(BuiltPrograms.path("fixture-processor"))'"
        let arguments = ["-q", "-w", "1", "--stats", folder.file("stats"), "-x", command]
        #expect(try RunningProgram.run("fetchpool", arguments + [page]).end == .status(1))
        let pool = try #require((stats()["pools"] as? [[String: Any]])?.last)
        #expect(pool["restarts"] as? [String: Int] == ["signal": 2])
    }

    @Test(arguments: ["/dev/stdout", "/dev/fd/3", "-"])
    func anOpenDescriptorGetsTheStatisticsOnceAtTheEnd(name: String) throws {
        let program = BuiltPrograms.path("fetchpool")
        let script =
            "cd '\(folder.path)'; exec '\(program)' -q --stats \(name) data:,a data:,b > out 3> three"
        #expect(try RunningProgram.run("/bin/sh", ["-c", script]).end == .status(0))
        let lines = try (folder.read("out") + folder.read("three")).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.last?.hasPrefix(#"{"v":1,"running":false,"#) == true)
        #expect(lines.prefix(2).allSatisfy { $0.contains(#""outcome":"ok""#) })
    }

    @Test func afterTheReaderHasExitedTheStatisticsSayThatTheRunHasEnded() throws {
        let program = BuiltPrograms.path("fetchpool")
        let list = try folder.write(String(repeating: "data:,x\n", count: 20_000), to: "list")
        let script = "'\(program)' -q -i '\(list)' --stats '\(folder.file("stats"))' | head -n 1"
        _ = try RunningProgram.run("/bin/sh", ["-c", script])
        #expect(try stats()["running"] as? Bool == false)
        #expect(try stats()["unwritten_records"] as? Int ?? 0 > 0)
    }

    @Test func oneFileForRecordsAndStatisticsIsRefused() throws {
        let path = folder.file("out")
        let run = try RunningProgram.run("fetchpool", ["-o", path, "--stats", path, "data:,x"])
        #expect(run.end == .status(3))
        #expect(
            run.errors
                == "fetchpool: --output and --stats name the same file '\(path)'; name two different files\n"
        )
    }

    // MARK: Records that were not written

    /// Runs fetchpool with a limit for the size of each file: `blocks` blocks of 512 bytes.
    private func run(blocks: Int, _ arguments: String) throws -> RunningProgram.Finished {
        let program = BuiltPrograms.path("fetchpool")
        // With the signal SIGXFSZ ignored, a write beyond the limit fails with EFBIG.
        let script =
            "cd '\(folder.path)'; trap '' XFSZ; ulimit -f \(blocks); exec '\(program)' -q \(arguments)"
        return try RunningProgram.run("/bin/sh", ["-c", script])
    }

    private func outcomesOfFile() throws -> [String: Int] {
        var last: [String: String] = [:]
        for line in try folder.read("out").split(separator: "\n") {
            let record = try Record(String(line))
            last[record.id] = record.outcome
        }
        return last.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test func recordsThatDoNotFitOnTheDiskAreNotCounted() throws {
        try folder.write((1...300).map { $0 % 3 == 0 ? "no url\n" : "data:,\($0)\n" }.joined(), to: "list")
        let run = try run(blocks: 30, "-w 2 -i list -o out --stats stats")
        #expect(run.end == .status(3))
        let (stats, written) = (try stats(), try outcomesOfFile())
        #expect(stats["outcomes"] as? [String: Int] == written)
        #expect(stats["records"] as? Int == written.values.reduce(0, +))
        #expect(stats["unwritten_records"] as? Int ?? 0 > 0)
        #expect((stats["errors"] as? [String: Int])?["scheme"] == written["invalid"])
        #expect((stats["statuses"] as? [String: Int])?["200"] == written["ok"])
    }

    @Test func aRetryThatEndsEarlyCountsTheEarlierRecordsOfUntriedTasks() throws {
        let server = try FixtureServer()
        let list = try folder.write(
            (1...300).map { "\(server.base)/status/404?\($0)\n" }.joined(),
            to: "list"
        )
        let files = ["-q", "-i", list, "-o", folder.file("out"), "--stats", folder.file("stats")]
        #expect(try RunningProgram.run("fetchpool", files).end == .status(1))
        let again = try RunningProgram.run(
            "fetchpool",
            files + ["--retry-failed", "--max-failures", "3", "-w", "1", "--concurrency", "2"]
        )
        #expect(again.end == .status(5))
        let (stats, written) = (try stats(), try outcomesOfFile())
        #expect(stats["records"] as? Int == 300)
        #expect(stats["outcomes"] as? [String: Int] == written)
        #expect((stats["resumed"] as? Int ?? 0) > 200)
        // If the output reaches the limit, `records` and `outcomes` count only the tasks with a record in the
        // file.
        let size = try folder.read("out").utf8.count
        #expect(
            try run(blocks: size / 512 + 8, "-i list -o out --stats stats --retry-failed").end == .status(3)
        )
        let (full, left) = (try self.stats(), try outcomesOfFile())
        #expect(full["records"] as? Int == 300)
        #expect(full["outcomes"] as? [String: Int] == left)
    }
}
