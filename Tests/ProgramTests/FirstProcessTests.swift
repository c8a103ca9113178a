// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of fetchpool as process 1 of a PID namespace, as in a container.
///
/// Process 1 starts fetchpool again as its child, which does the run; see `clinux_be_first_process`.
@Suite(
    .ownThread,
    .enabled(if: ProcessNamespace.refusal == nil, "\(ProcessNamespace.refusal ?? "")")
)
struct FirstProcessTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Returns the ids of process 1 and of its child; `running` is from `ProcessNamespace.start`.
    private func firstProcesses(of running: RunningProgram) throws -> (first: Int32, child: Int32) {
        let processes = try ProcessWatch.descendants(of: running.pid)
        try #require(processes.count >= 2)
        return (processes[0], processes[1])
    }

    /// Returns the number of descendants of `running`, including zombies, that run the program `name`.
    private func count(_ name: String, below running: RunningProgram) throws -> Int {
        try ProcessWatch.descendants(of: running.pid).count {
            (try? String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8)) == name + "\n"
        }
    }

    @Test func processesThatOutliveTheirParentsAreReaped() throws {
        let script = """
            while IFS= read -r line; do
                case $line in '{"t":"task",'*) ;; *) continue ;; esac
                seq=${line#*\\"seq\\":}
                sh -c 'sleep 0.01 & exit 0'
                echo "{\\"seq\\":${seq%%,*},\\"result\\":1}"
            done

            """
        let folder = TestFolder()
        let command = "sh '\(try folder.write(script, to: "worker.sh"))'"
        let running = try ProcessNamespace.start("fetchpool", ["-q", "-w", "1", "-x", command])
        for number in 1...12 {
            try running.send("data:,\(number)")
            #expect(try running.record()?.outcome == "ok")
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while try count("sleep", below: running) > 0, ContinuousClock.now < deadline { usleep(10_000) }
        #expect(try count("sleep", below: running) == 0)
        running.endInput()
        #expect(try running.waitForEnd() == .status(0))
    }

    @Test(.ownThread(isFirst: true), arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalToProcess1InterruptsTheRunOnce(signal: Int32) throws {
        let running = try ProcessNamespace.start("fetchpool", ["-w", "1", "\(server.base)/delay/5000"])
        while try server.statistics().requests == 0 {}
        kill(try firstProcesses(of: running).first, signal)
        try running.waitForErrors(holding: "interrupted")
        // After a second signal, the request would not finish.
        #expect(try running.record()?.outcome == "ok")
        #expect(try running.waitForEnd() == .status(128 + signal))
    }

    @Test func ignoredSignalsStayIgnored() throws {
        let script = "trap '' HUP; exec \"$0\" \"$@\""
        let words = [
            "-c", script, BuiltPrograms.path("fetchpool"), "-q", "-w", "1", "\(server.base)/delay/5000",
        ]
        let running = try ProcessNamespace.start("/bin/sh", words)
        while try server.statistics().requests == 0 {}
        kill(try firstProcesses(of: running).first, SIGHUP)
        #expect(try running.record()?.outcome == "ok")
        #expect(try running.waitForEnd() == .status(0))
    }

    @Test func theProgressIsShownOnASignalToProcess1() throws {
        let running = try ProcessNamespace.start("fetchpool", ["-q", "-w", "1", "\(server.base)/hang"])
        while try server.statistics().requests == 0 {}
        kill(try firstProcesses(of: running).first, SIGUSR1)
        try running.waitForErrors(holding: "fetchpool: 0 of 1")
    }

    @Test(arguments: [true, false])
    func nothingIsLeftAfterTheDeathOfARun(isChildKilled: Bool) throws {
        let running = try ProcessNamespace.start("fetchpool", ["-q", "-w", "1", "\(server.base)/hang"])
        while try server.statistics().requests == 0 {}
        let processes = try ProcessWatch.all(below: running.pid)
        let (first, child) = try firstProcesses(of: running)
        kill(isChildKilled ? child : first, SIGKILL)
        for process in processes { #expect(process.hasEnded(within: RunningProgram.patience)) }
        if isChildKilled { #expect(try running.waitForEnd() == .status(128 + SIGKILL)) }
    }

    /// A script that starts a program on a terminal, and waits for a line on its own standard input.
    ///
    /// Then the script sends Ctrl-C, and prints the exit status and the number of records that are `ok`.
    private static let terminal = """
        import os, pty, sys

        pid, terminal = pty.fork()
        if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
        sys.stdin.readline()
        os.write(terminal, b"\\x03")
        shown = b""
        while True:
            try: piece = os.read(terminal, 65536)
            except OSError: break
            if not piece: break
            shown += piece
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(status, shown.count(b'"outcome":"ok"'))

        """

    @Test func controlCOnATerminalInterruptsTheRunOnce() throws {
        let words = ["-q", "-w", "1", "\(server.base)/delay/5000"]
        let command = ProcessNamespace.command + [BuiltPrograms.path("fetchpool")] + words
        let running = try RunningProgram("/usr/bin/python3", ["-c", Self.terminal] + command)
        while try server.statistics().requests == 0 {}
        try running.send("")
        #expect(try running.line() == "130 1")
    }

    /// The run is in an inner namespace, but sees the `/proc` of the outer namespace.
    ///
    /// The reason is that `unshare --pid` alone mounts no new `/proc`. In the outer namespace, processes with
    /// more memory than the limit have the ids that the workers have in the inner namespace.
    @Test func memoryOfProcessesOfAnotherNamespaceDoesNotCountForWorkers() throws {
        let around = """
            import os, subprocess, sys, time

            held = b"x" * (80 << 20)
            for _ in range(30):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
            inner = ["unshare", "--pid", "--fork", "--kill-child"]
            sys.exit(subprocess.call(inner + sys.argv[1:]))
            """
        let worker = """
            import json, sys, time

            for line in sys.stdin:
                task = json.loads(line)
                if task["t"] == "task":
                    time.sleep(1)
                    print(json.dumps({"seq": task["seq"], "result": 1}), flush=True)

            """
        let folder = TestFolder()
        let command = "python3 '\(try folder.write(worker, to: "worker.py"))'"
        let options = ["-w", "1", "--worker-memory", "60MiB", "-x", command, "data:,1", "data:,2"]
        let words = ["-c", around, BuiltPrograms.path("fetchpool")] + options
        let finished = try ProcessNamespace.start("/usr/bin/python3", words).finish()
        #expect(try finished.records.outcomes == ["ok": 2], "\(finished.errors)")
        #expect(finished.errors.contains("/proc belongs to another PID namespace"))
        let usual = ["-w", "1", "--worker-memory", "60MiB", "-p", "json", "data:,1"]
        #expect(try !RunningProgram.run("fetchpool", usual).errors.contains("/proc"))
    }
}
