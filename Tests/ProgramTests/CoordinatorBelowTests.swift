// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of a child coordinator, which is a `fetchpool` that works as the worker of another `fetchpool`.
///
/// The tests end the parent of a child coordinator or the input of the child, send the child a signal, and
/// give it faulty processing workers.
@Suite(.ownThread)
struct CoordinatorBelowTests {
    private let spool: TestFolder
    private let folder: TestFolder

    init() throws {
        folder = TestFolder()
        spool = folder.makeFolder("spool")
    }

    /// A worker that creates the file `begun` when it gets a task, and then sleeps for 1,000 s.
    private static let worker = """
        import sys, time

        for line in sys.stdin:
            if '"task"' in line:
                open(sys.argv[1] + "/begun", "w").close()
                time.sleep(1000)

        """

    /// Starts a run whose worker is a child coordinator, and waits until a task hangs.
    ///
    /// Returns the run and its descendant processes.
    private func start() throws -> (RunningProgram, [ProcessWatch]) {
        let script = try folder.write(Self.worker, to: "worker.py")
        let program = BuiltPrograms.path("fetchpool")
        let below =
            "'\(program)' --supervised -w 1 --spool '\(spool.path)' -x \"python3 '\(script)' '\(folder.path)'\""
        let running = try RunningProgram(
            "fetchpool",
            ["-q", "-w", "1", "--worker", below, "data:text/html,x"]
        )
        let deadline = ContinuousClock.now + .seconds(60)
        while !folder.names.contains("begun"), ContinuousClock.now < deadline {
            usleep(10_000)
        }
        #expect(folder.names.contains("begun"))
        #expect(spool.names.count == 1)
        return (running, try ProcessWatch.all(below: running.pid))
    }

    @Test(arguments: [[SIGTERM, SIGINT], [SIGKILL]])
    func neitherProcessesNorSpoolsAreLeft(signals: [Int32]) throws {
        let (running, below) = try start()
        #expect(below.count >= 3)
        for signal in signals { running.signal(signal) }
        try running.waitForEnd()
        for process in below { #expect(process.hasEnded(within: .seconds(20))) }
        #expect(spool.names == [])
    }

    /// The input of a child coordinator ends when its parent dies.
    ///
    /// If the child runs on another machine, its input also ends when the connection is lost.
    @Test func aChildCoordinatorRemovesItsSpoolAtTheEndOfItsInput() throws {
        let (running, below) = try start()
        let coordinator = try #require(
            below.first { watch in
                let words = try? String(contentsOfFile: "/proc/\(watch.pid)/cmdline", encoding: .utf8)
                return words?.contains("--supervised\0-w") == true
            }
        )
        // A stopped parent coordinator reads and writes nothing, but its pipes stay open. The pipes are
        // closed after SIGKILL.
        kill(running.pid, SIGSTOP)
        #expect(!coordinator.hasEnded(within: .milliseconds(300)))
        kill(running.pid, SIGKILL)
        #expect(coordinator.hasEnded(within: .seconds(20)))
        #expect(spool.names == [])
    }

    /// Ctrl-C at a terminal can reach both coordinators, so a child coordinator ignores SIGINT.
    ///
    /// Without a signal, a child coordinator waits for its parent to read, without a limit of time. If its
    /// first signal is SIGTERM or SIGHUP, and its parent reads nothing, the child ends about ten seconds
    /// later at the latest.
    @Test(.ownThread(isFirst: true)) func aChildCoordinatorThatGetsSIGINTStillWaitsForItsParentToRead() throws
    {
        let output = try UnreadOutput()
        let child = try RunningProgram("fetchpool", ["--supervised", "-w", "1"], output: .file(output.path))
        let watch = try ProcessWatch(child.pid)
        let url = "data:text/plain," + String(repeating: "x", count: 50_000)
        try child.send(#"{"t":"init","v":1,"config":{}}"#)
        for seq in 1...20 {
            try child.send(#"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"\#(url)"}}"#)
        }
        try output.waitForBytes()
        child.signal(SIGINT)
        try child.send(#"{"t":"drain"}"#)
        #expect(!watch.hasEnded(within: .seconds(12)))
        var results = 0
        while let line = try output.line() { if line.contains(#""t":"result""#) { results += 1 } }
        #expect(results == 20)
        #expect(try child.waitForEnd() == .status(0))
    }

    @Test func aChildCoordinatorWhoseWorkerDoesNotExitRemovesItsSpool() throws {
        let script = try folder.write(
            """
            import json, signal, sys, time

            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for line in sys.stdin:
                message = json.loads(line)
                if message["t"] == "task":
                    print(json.dumps({"seq": message["seq"], "result": 1}), flush=True)
            time.sleep(1000)

            """,
            to: "stays.py"
        )
        let program = BuiltPrograms.path("fetchpool")
        let below =
            "'\(program)' --supervised -w 1 --spool '\(spool.path)' -x \"python3 '\(script)'\""
        let run = try RunningProgram.run("fetchpool", ["-q", "-w", "1", "--worker", below, "data:,x"])
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(spool.names == [])
    }

    /// The child sends `hello` after a second, and learns only later that its processing workers cannot
    /// start.
    @Test(.ownThread(isFirst: true)) func aChildCoordinatorWhoseProcessorsDoNotStartEndsTheRun() throws {
        let script = try folder.write(
            "import time\ntime.sleep(0.4)\nimport missing_module\n",
            to: "broken.py"
        )
        let below = "'\(BuiltPrograms.path("fetchpool"))' --supervised -w 1 -x \"python3 '\(script)'\""
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "1", "--worker", below, "data:text/html,x", "data:text/html,y"],
            within: .seconds(120)
        )
        #expect(run.end == .status(4), "\(run.errors)")
        #expect(run.errors.contains("missing_module"), "\(run.errors)")
        #expect(try run.records.outcomes == ["cancelled": 2])
    }
}
