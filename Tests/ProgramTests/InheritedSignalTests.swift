// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the signal settings that a run inherits from its parent process.
@Suite(.ownThread)
struct InheritedSignalTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Starts fetchpool after a Python script has changed the signal settings.
    private func run(after script: String, _ arguments: [String]) throws -> RunningProgram {
        let program = BuiltPrograms.path("fetchpool")
        let start = "import os, signal, sys\n\(script)\nos.execv(sys.argv[1], sys.argv[1:])"
        return try RunningProgram("python3".path, ["-c", start, program] + arguments)
    }

    /// nohup(1) starts a program that ignores SIGHUP from the start.
    ///
    /// Likewise, a shell without job control starts background processes that ignore SIGINT.
    @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
    func ignoredSignalsStayIgnored(signal: Int32) throws {
        let script = "signal.signal(\(signal), signal.SIG_IGN)"
        let running = try run(after: script, ["-q", "-w", "1", "\(server.base)/delay/1500"])
        while try server.statistics().requests == 0 {}
        for _ in 1...3 { running.signal(signal) }
        #expect(try running.record()?.outcome == "ok")
        #expect(try running.waitForEnd() == .status(0))
    }

    @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
    func blockedSignalsAreUnblocked(signal: Int32) throws {
        let script = "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))"
        let running = try run(after: script, ["-q", "-w", "1", "\(server.base)/hang"])
        while try server.statistics().requests == 0 {}
        running.signal(signal)
        // If a signal comes twice within 50 ms, it counts once.
        usleep(60_000)
        running.signal(signal)
        #expect(try running.waitForEnd() == .status(128 + signal))
    }

    /// SIGUSR1 requests the progress.
    ///
    /// The script blocks this signal, sends it to itself, and then becomes fetchpool by execv(3).
    @Test func aPendingRequestForTheProgressIsServed() throws {
        let script = """
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            os.kill(os.getpid(), signal.SIGUSR1)
            """
        let running = try run(after: script, ["-q", "-w", "1"])
        try running.waitForErrors(holding: "fetchpool: 0 done")
        #expect(try running.finish().end == .status(0))
    }

    /// If a process ignores SIGCHLD, the kernel keeps no exit status of its children.
    @Test func workerDeathsAreKnownAlthoughSIGCHLDWasIgnored() throws {
        let worker = """
            import json, os, sys

            print(json.dumps({"t": "hello", "v": 1}), flush=True)
            for line in sys.stdin:
                task = json.loads(line)
                if task["t"] == "task":
                    body = task["task"]["url"].split(",")[1]
                    os.abort() if body == "abort" else os._exit(7)

            """
        let folder = TestFolder()
        let command = "python3 '\(try folder.write(worker, to: "worker.py"))'"
        let script = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
        let arguments = ["-q", "-w", "1", "--worker", command, "data:,abort", "data:,exit"]
        let finished = try run(after: script, arguments).finish()
        let records = try finished.records
        #expect(records.outcomes == ["worker_crash": 2])
        #expect(records.first { $0.url == "data:,abort" }?.signal == "SIGABRT")
        #expect(records.first { $0.url == "data:,exit" }?.exitCode == 7)
    }
}

extension String {
    /// The path in `/usr/bin` of the program with this name.
    fileprivate var path: String { "/usr/bin/" + self }
}
