// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of runs in which workers crash, hang, fork a process, or are killed by the test.
///
/// In other runs, a worker writes a line that is too long, or workers reach their maximum of tasks.
@Suite(.ownThread)
struct FaultyPagesTests {
    private let server: FixtureServer
    private let folder: TestFolder

    /// The path of a symbolic link in this test's folder; the link leads to `fixture-processor`.
    ///
    /// The path begins with the folder's path, so `leftovers` finds the processes that run this program.
    private let processor: String

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
        processor = folder.path + "/processor"
        try FileManager.default.createSymbolicLink(
            atPath: processor,
            withDestinationPath: BuiltPrograms.path("fixture-processor")
        )
    }

    private var command: String { "'\(processor)' --supervised" }

    /// The ids of the processes whose command line contains this test's folder.
    private var leftovers: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(folder.path)
        }
    }

    /// Returns the path of the page with this number.
    ///
    /// One page in a hundred crashes the processing worker, and one page in two hundred makes the worker
    /// hang.
    private func path(_ number: Int) -> String {
        if number % 100 == 50 { return "/task/crash/\(number)" }
        return number % 200 == 25 ? "/task/hang/\(number)" : "/page/\(number)"
    }

    @Test func onlyPagesThatCrashOrHangTheWorkerFail() throws {
        let count = 600
        let spool = folder.makeFolder("spool")
        let lines = (1...count).map { server.base + path($0) }
        let input = try folder.write(lines.joined(separator: "\n"), to: "pages")
        let arguments = [
            "-q", "-w", "2", "-i", input, "-x", command, "--task-deadline", "4s", "--spool", spool.path,
        ]
        let finished = try RunningProgram.run("fetchpool", arguments, within: .seconds(120))
        let records = try finished.records
        #expect(finished.end == .status(1))
        #expect(records.sortedIDs == Array(1...count))
        #expect(records.outcomes == ["ok": count - 9, "worker_crash": 6, "timeout": 3])
        for record in records where record.outcome != "ok" {
            let isHang = record.url?.contains("/task/hang/") ?? false
            let isCrash = record.url?.contains("/task/crash/") ?? false
            #expect(
                isHang && record.outcome == "timeout" || isCrash && record.signal == "SIGSEGV",
                "\(record.url ?? "")"
            )
        }
        #expect(try server.statistics().requests == count)
        #expect(leftovers == [])
        #expect(spool.names == [])
    }

    @Test func pagesThatAllCrashTheirWorkerHaveOneRecordEach() throws {
        let count = 60
        let running = try RunningProgram(
            "fetchpool",
            ["-q", "-w", "2", "-x", command, "--crash-retries", "0"]
        )
        for number in 1...count { try running.send("\(server.base)/task/crash/\(number)") }
        let records = try running.remainingRecords()
        #expect(records.sortedIDs == Array(1...count))
        #expect(records.outcomes == ["worker_crash": count])
        #expect(try running.waitForEnd() == .status(1))
    }

    /// The test kills a random descendant of fetchpool 25 times, in at least 2.4 seconds.
    ///
    /// Between the kills, the test sends more URLs.
    @Test func randomKillsLoseNothing() throws {
        let arguments = ["-q", "-w", "2", "--fetchers", "2", "--crash-retries", "50", "-x", command]
        let running = try RunningProgram("fetchpool", arguments)
        let start = ContinuousClock.now
        var (sent, kills, records): (Int, Int, [Record]) = (0, 0, [])
        var generator = SystemRandomNumberGenerator()
        while kills < 25 {
            while sent - records.count < 200 {
                sent += 1
                try running.send("\(server.base)/page/\(sent)")
            }
            records.append(try #require(try running.record()))
            guard start.duration(to: .now) > .milliseconds(100) * kills else { continue }
            guard let victim = try ProcessWatch.descendants(of: running.pid).randomElement(using: &generator)
            else {
                continue
            }
            kill(victim, SIGKILL)
            kills += 1
        }
        records += try running.remainingRecords()
        #expect(records.sortedIDs == Array(1...sent))
        #expect(records.outcomes == ["ok": sent], "\(Set(records.map(\.errorMessage)))")
        #expect(try running.waitForEnd() == .status(0))
        #expect(leftovers == [])
    }

    @Test func eightWorkersKilledAtTheSameInstantCostNoTask() throws {
        let running = try RunningProgram("fetchpool", ["-q", "-w", "8", "-x", command])
        for number in 1...8 { try running.send("\(server.base)/task/burn:400/\(number)") }
        while try server.statistics().requests < 8 {}
        // During execve(2), a process has no command line for a moment. So the search is repeated until it
        // finds all workers.
        var workers: [Int32] = []
        while workers.count < 8 {
            workers = try ProcessWatch.descendants(of: running.pid).filter { pid in
                let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                return String(decoding: line, as: UTF8.self).contains("/processor")
            }
        }
        for worker in workers { kill(worker, SIGKILL) }
        let records = try running.remainingRecords()
        #expect(records.sortedIDs == Array(1...8))
        #expect(records.outcomes == ["ok": 8])
    }

    @Test func forkedProcessDoesNotDelayTheRecord() throws {
        let start = ContinuousClock.now
        let pages = ["fork", "crash"].map { "\(server.base)/task/\($0)" }
        let arguments = ["-q", "-w", "1", "--crash-retries", "0", "-x", command] + pages
        let records = try RunningProgram.run("fetchpool", arguments).records.sorted { $0.id < $1.id }
        #expect(records.map(\.outcome) == ["ok", "worker_crash"])
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(leftovers == [])
    }

    /// Returns the command of a worker whose results are texts of `count` letters.
    ///
    /// `count` is an expression of Python, in which `line` is the line with the task. Before each result, the
    /// worker sends the line `before`, unless it is empty.
    private func writer(of count: String, before: String = "") throws -> String {
        let script = try folder.write(
            """
            import sys

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                if '"t":"task"' in line:
                    seq = line.split('"seq":')[1].split(",")[0]
                    if '\(before)': print('\(before)', flush=True)
                    print('{"seq":' + seq + ',"result":"' + "x" * (\(count)) + '"}', flush=True)

            """,
            to: "writer.py"
        )
        return "python3 '\(script)'"
    }

    @Test func aWorkerLineOfAHundredMegabytesIsRefusedAndNotStored() throws {
        let command = try writer(of: #"100000000 if "large" in line else 10"#)
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", "-x", command])
        try running.send("\(server.base)/get?large")
        let record = try #require(try running.record())
        #expect(record.outcome == "process_error")
        #expect(record.errorClass == "worker_protocol")
        try running.send("\(server.base)/get?small")
        #expect(try running.record()?.outcome == "ok")
        let status = try String(contentsOfFile: "/proc/\(running.pid)/status", encoding: .utf8)
        let peak = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) })
        #expect(peak < 80_000, "the coordinator must not store more of a line than 16 MiB, the limit")
        #expect(try running.finish().end == .status(1))
    }

    /// A child coordinator, whose program is `fetchpool`, may send longer lines than other workers.
    ///
    /// The worker sends such a line after a second `hello`, which page content could also have printed.
    @Test func aForgedHelloDoesNotAllowLongerLines() throws {
        let command = try writer(of: "17 << 20", before: #"{"t":"hello","v":1,"name":"fetchpool"}"#)
        let arguments = ["-q", "-w", "1", "-x", command, "\(server.base)/get"]
        let record = try #require(try RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.outcome == "process_error")
        #expect(record.errorClass == "worker_protocol")
    }

    @Test func workersAreReplacedAfterTheMaximumOfTasks() throws {
        let stats = folder.path + "/stats"
        let pages = (1...20).map { "\(server.base)/page/\($0)" }
        let arguments =
            ["-q", "-w", "2", "--max-tasks-per-worker", "3", "--stats", stats, "-x", command] + pages
        let finished = try RunningProgram.run("fetchpool", arguments)
        let records = try finished.records
        #expect(records.outcomes == ["ok": 20])
        let shares = Dictionary(grouping: records, by: \.processorPid).mapValues(\.count)
        #expect(shares.values.allSatisfy { $0 <= 3 })
        #expect(shares.count >= 7)
        #expect(try folder.read("stats").contains(#""worker_restarts":0"#))
    }
}
