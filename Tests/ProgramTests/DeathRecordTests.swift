// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the record of a task whose worker died or was ended, and of the files of `--crash-dir`.
@Suite(.ownThread)
struct DeathRecordTests {
    private let server: FixtureServer
    private let folder: TestFolder

    private static let fixture = "'\(BuiltPrograms.path("fixture-processor"))' --supervised"

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    private func run(_ command: String, _ paths: [String], _ options: String...) throws -> [Record] {
        let urls = paths.map { server.base + $0 }
        // In the environment of test programs, `SWIFT_BACKTRACE` turns Swift's crash handler off. Without
        // this variable, the coordinator decides whether the handler is on in its workers.
        let words = [
            "-u", "SWIFT_BACKTRACE", BuiltPrograms.path("fetchpool"), "-q", "-w", "1", "-x", command,
        ]
        return try RunningProgram.run("/usr/bin/env", words + options + urls).records.sorted { $0.id < $1.id }
    }

    @Test func recordOfASwiftCrashHasTheBacktraceOfTheSecondTry() throws {
        let record = try #require(try run(Self.fixture, ["/task/crash"]).first)
        #expect(record.outcome == "worker_crash")
        #expect(record.errorClass == "crash")
        #expect(record.signal == "SIGSEGV")
        #expect(record.exitCode == nil)
        #expect(record.earlierAttempts == ["crash"])
        #expect(record.stderrTail.contains { $0.contains("Program crashed: Bad pointer dereference") })
        #expect(record.stderrTail.contains { $0.contains("Misdeed.crash") || $0.contains("Misdeed.perform") })
        #expect(record.stderrTail.count <= 40)
        #expect(record.stderrTail.contains { $0.contains("Misdeed.swift:") })
        #expect(record.stderrTail.contains { $0.isEmpty } == false)
        #expect((record.peakKB ?? 0) > 1_000)
        #expect(record.bodyPath == nil)
    }

    @Test func recordOfAnExitHasTheFirstAndLastLinesOfStandardError() throws {
        let script = try folder.write(
            """
            import sys

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                if '"t":"task"' in line:
                    for number in range(1, 61):
                        print("line", number, "x" * 600 * (number == 60), file=sys.stderr)
                    sys.exit(7)

            """,
            to: "leaves.py"
        )
        let record = try #require(try run("python3 '\(script)'", ["/get"], "--crash-retries", "0").first)
        #expect(record.outcome == "worker_crash")
        #expect(record.exitCode == 7)
        #expect(record.signal == nil)
        #expect(record.earlierAttempts == [])
        let kept = Array(1...30) + Array(51...60)
        #expect(
            record.stderrTail.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
                == kept.map { "line \($0)" }
        )
        #expect(record.stderrTail.last?.utf8.count == 500)
    }

    @Test func crashInPythonNamesFileAndLine() throws {
        let script = try folder.write(
            """
            import ctypes, sys

            def parse():
                ctypes.string_at(0)

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                if '"t":"task"' in line:
                    parse()

            """,
            to: "segfaults.py"
        )
        let record = try #require(try run("python3 '\(script)'", ["/get"]).first)
        #expect(record.outcome == "worker_crash" && record.signal == "SIGSEGV")
        #expect(record.stderrTail.contains { $0.contains("segfaults.py\", line 4 in parse") })
    }

    /// After a failed allocation, Swift aborts; C code without a check continues, and writes near address 0.
    @Test(arguments: [("take:200", "SIGABRT"), ("grab:200", "SIGSEGV")])
    func deathFromLackOfMemoryHasTheClassOOM(wish: String, signal: String) throws {
        let records = try run(Self.fixture, ["/task/\(wish)", "/task/crash"], "--worker-memory", "96MiB")
        try #require(records.count == 2)
        #expect(records.map(\.outcome) == ["worker_crash", "worker_crash"])
        #expect(records[0].signal == signal)
        #expect(records.map(\.errorClass) == ["oom", "crash"])
        #expect(records.map(\.earlierAttempts) == [["oom"], ["crash"]])
        for record in records { #expect((1_000...96 << 10).contains(record.peakKB ?? 0)) }
    }

    @Test func memoryErrorOfAScriptHasTheClassOOM() throws {
        let script = try folder.write(
            """
            import sys

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                if '"t":"task"' in line:
                    bytearray(200 << 20) if "memory" in line else sys.exit(1)

            """,
            to: "grows.py"
        )
        let command = "python3 '\(script)'"
        let records = try run(command, ["/get?memory", "/get?other"], "--worker-memory", "96MiB")
        #expect(records.map(\.errorClass) == ["oom", "crash"])
        #expect(records.map(\.exitCode) == [1, 1])
        #expect(records.first?.stderrTail.last == "MemoryError")
    }

    @Test func workerThatExceedsItsMemoryIsKilled() throws {
        // RLIMIT_DATA does not limit shared memory, so this worker can exceed the memory that it may have.
        let script = try folder.write(
            """
            import mmap, sys, time

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                if '"t":"task"' in line:
                    room = mmap.mmap(-1, 200 << 20)
                    for start in range(0, 200 << 20, 4096):
                        room[start] = 1
                    time.sleep(60)

            """,
            to: "shares.py"
        )
        let record = try #require(try run("python3 '\(script)'", ["/get"], "--worker-memory", "96MiB").first)
        #expect(record.outcome == "worker_crash")
        #expect(record.errorClass == "oom")
        #expect(record.signal == "SIGKILL")
        #expect((record.peakKB ?? 0) > 96 << 10)
    }

    @Test func keptBodiesAreNamedByLineAndAttempt() throws {
        let kept = folder.path + "/kept"
        let paths = ["/page/1", "/task/crash", "/get?x=../../etc", "/task/hang", "/task/error"]
        let records = try run(Self.fixture, paths, "--crash-dir", kept, "--task-deadline", "5s")
        #expect(records.map(\.outcome) == ["ok", "worker_crash", "ok", "timeout", "process_error"])
        #expect(records.allSatisfy { $0.timing["process_ms"] != nil })
        #expect(records.map(\.bodyPath) == [nil, kept + "/2-2.body", nil, kept + "/4-1.body", nil])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: kept).sorted()
                == ["2-2.body", "2-2.task", "4-1.body", "4-1.task"]
        )
        for (number, path) in [(2, "/task/crash"), (4, "/task/hang")] {
            let file = try #require(records[number - 1].bodyPath)
            let response = try #require(server.get(path))
            let body = try #require(response.range(of: "\r\n\r\n")).upperBound
            #expect(try String(contentsOfFile: file, encoding: .utf8) == response[body...])
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test(arguments: ["/task/crash", "/task/crash?x=\(String(repeating: "y", count: 5_000))"])
    func keptFilesReproduceTheCrash(path: String) throws {
        let kept = folder.path + "/kept"
        let record = try #require(try run(Self.fixture, [path], "--crash-dir", kept).first)
        #expect(record.bodyPath == kept + "/1-2.body")
        let again = try RunningProgram(
            "fixture-processor",
            ["--supervised"],
            input: .file(kept + "/1-2.task")
        )
        #expect(try again.waitForEnd() == .signal(SIGSEGV))
    }

    @Test func keptFilesDoNotCountARetriedFetchAsAnAttempt() throws {
        let script = try folder.write(
            """
            import os, sys

            print('{"t":"hello","v":1}', flush=True)
            for line in sys.stdin:
                if '"t":"task"' in line:
                    if '"attempt":2' in line:
                        sys.exit("second")
                    os._exit(3)

            """,
            to: "leaves.py"
        )
        let kept = folder.path + "/kept"
        let records = try run("python3 '\(script)'", ["/flaky/1/kept"], "--crash-dir", kept)
        let record = try #require(records.first)
        #expect(record.earlierAttempts == ["http_status", "crash"])
        #expect(record.stderrTail == ["second"])
        #expect(record.bodyPath == kept + "/1-2.body")
        #expect(try folder.read("kept/1-2.task").contains(#""attempt":2"#))
    }

    @Test(arguments: [UInt32(0o777), 0o700])
    func aCrashDirIsReportedOnlyIfOtherUsersMayWriteInIt(mode: UInt32) throws {
        let kept = folder.makeFolder("shared")
        #expect(unsafe chmod(kept.path, mode) == 0)
        let words = ["-p", "text", "--crash-dir", kept.path, "data:,x"]
        let finished = try RunningProgram.run("fetchpool", words, input: "")
        #expect(finished.errors.contains("other users may replace the files") == (mode == 0o777))
    }

    @Test func lateTaskIsATimeoutWithoutARetry() throws {
        let record = try #require(try run(Self.fixture, ["/task/spin"], "--task-deadline", "200ms").first)
        #expect(record.outcome == "timeout")
        #expect(record.errorClass == "deadline")
        #expect(record.earlierAttempts == [])
        #expect(record.timing["process_ms"] as? Double ?? 0 >= 200)
        #expect(record.errorMessage.contains(#/the worker was ended after [0-9.]+ s:/#))
    }
}
