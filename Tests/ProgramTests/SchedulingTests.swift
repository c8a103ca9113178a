// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the scheduling policies of a run's threads and processes (sched(7)).
@Suite(.ownThread)
struct SchedulingTests {
    /// A worker whose result has its own policy, and those of the threads of its parent process.
    private static let worker = """
        import json, os, sys

        def policy(folder):
            with open(folder + "/stat") as file:
                return int(file.read().rpartition(")")[2].split()[38])

        parent = f"/proc/{os.getppid()}/task"
        print(json.dumps({"t": "hello", "v": 1}), flush=True)
        for line in sys.stdin:
            message = json.loads(line)
            if message["t"] == "task":
                found = {"worker": policy("/proc/self"), "main": policy(f"{parent}/{os.getppid()}"), "most": 0}
                for thread in os.listdir(parent):
                    try:
                        found["most"] = max(found["most"], policy(f"{parent}/{thread}"))
                    except OSError:
                        # The thread has ended meanwhile.
                        pass
                print(json.dumps({"t": "result", "seq": message["seq"], "result": found}), flush=True)
            elif message["t"] == "drain":
                print(json.dumps({"t": "bye", "reason": "drained"}), flush=True)
                break

        """

    /// Returns the policies during a run that a Python script starts after `script`.
    private func policies(after script: String = "") throws -> [String: Int] {
        let folder = TestFolder()
        let command = "python3 '\(try folder.write(Self.worker, to: "worker.py"))'"
        let start = "import os, sys\n\(script)\nos.execv(sys.argv[1], sys.argv[1:])"
        let arguments = [BuiltPrograms.path("fetchpool"), "-q", "-w", "1", "--worker", command, "data:,"]
        let running = try RunningProgram("/usr/bin/python3", ["-c", start] + arguments)
        let record = try #require(try running.finish().records.first)
        return try #require(record.result as? [String: Int])
    }

    /// The policies: 0 is the default, 3 SCHED_BATCH, 5 SCHED_IDLE.
    @Test func thePoolThreadLetsWorkersRun() throws {
        #expect(try policies() == ["worker": 0, "main": 0, "most": 3])
    }

    @Test func aPolicyThatTheUserChoseStays() throws {
        let policies = try policies(after: "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))")
        #expect(policies == ["worker": 5, "main": 5, "most": 5])
    }
}
