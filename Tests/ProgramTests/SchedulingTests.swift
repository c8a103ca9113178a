// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the scheduling policies of a run's threads and processes (sched(7)).
///
/// Policy 0 is the default, policy 3 is SCHED_BATCH, and policy 5 is SCHED_IDLE.
@Suite(.ownThread)
struct SchedulingTests {
    private let folder = TestFolder()

    /// A worker whose result has three policies.
    ///
    /// `worker` is the policy of the worker. `main` is the policy of the parent process's main thread. `most`
    /// is the highest number of a policy among all threads of the parent process.
    ///
    /// If the worker gets the name of a file that does not exist, it creates the file, gives all threads of
    /// the parent process the policy SCHED_IDLE, and dies.
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
                threads = [int(thread) for thread in os.listdir(parent)]
                if len(sys.argv) > 1 and not os.path.exists(sys.argv[1]):
                    open(sys.argv[1], "w").close()
                    for thread in threads:
                        try:
                            os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
                        except ProcessLookupError:
                            # The thread has ended meanwhile.
                            pass
                    os._exit(3)
                found = {"worker": policy("/proc/self"), "main": policy(f"{parent}/{os.getppid()}"), "most": 0}
                for thread in threads:
                    try:
                        found["most"] = max(found["most"], policy(f"{parent}/{thread}"))
                    except OSError:
                        pass
                print(json.dumps({"t": "result", "seq": message["seq"], "result": found}), flush=True)
            elif message["t"] == "drain":
                print(json.dumps({"t": "bye", "reason": "drained"}), flush=True)
                break

        """

    /// Returns the policies in the result of a run.
    ///
    /// A Python program executes `script`, and then replaces itself with `fetchpool` (execv).
    private func policies(after script: String = "", _ workerArgument: String = "") throws -> [String: Int] {
        let command = "python3 '\(try folder.write(Self.worker, to: "worker.py"))' \(workerArgument)"
        let start = """
            import ctypes, os, platform, struct, sys
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            \(script)
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let arguments = [BuiltPrograms.path("fetchpool"), "-q", "-w", "1", "--worker", command, "data:,"]
        let finished = try RunningProgram("/usr/bin/python3", ["-c", start] + arguments).finish()
        let record = try #require(try finished.records.first, "\(finished.end) \(finished.errors)")
        return try #require(record.result as? [String: Int], "\(record)")
    }

    @Test func thePoolThreadHasThePolicyBatchAndWorkersHaveTheDefault() throws {
        #expect(try policies() == ["worker": 0, "main": 0, "most": 3])
    }

    @Test func aPolicyThatTheUserChoseStays() throws {
        let policies = try policies(after: "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))")
        #expect(policies == ["worker": 5, "main": 5, "most": 5])
    }

    @Test func aPolicyThatTheUserChoosesDuringTheRunStays() throws {
        #expect(try policies(after: "", "'\(folder.file("mark"))'") == ["worker": 5, "main": 5, "most": 5])
    }

    /// A filter for system calls (seccomp) either kills the process that calls sched_setscheduler(2), or
    /// refuses the call.
    ///
    /// `SystemCallFilter=~@resources` of systemd.exec(5) kills the process. Some containers refuse the call.
    @Test(arguments: [0x8000_0000, 0x0005_0001])
    func aFilterOfSystemCallsDoesNoHarm(action: Int) throws {
        let filter = """
            call = 144 if platform.machine() == "x86_64" else 119
            rules = [(0x20, 0, 0, 0), (0x15, 0, 1, call), (0x06, 0, 0, \(action)), (0x06, 0, 0, 0x7FFF0000)]
            rules = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
            program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 4, ctypes.addressof(rules)))
            system = ctypes.CDLL(None)
            assert system.prctl(38, 1, 0, 0, 0) == 0 and system.prctl(22, 2, program, 0, 0) == 0
            """
        #expect(try policies(after: filter) == ["worker": 0, "main": 0, "most": 0])
    }
}
