// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests that no process of a run is left after a kill of the coordinator, or after a normal end of the run.
@Suite(.ownThread)
struct KilledCoordinatorTests {
    private let folder: TestFolder

    init() throws { folder = TestFolder() }

    /// A worker that creates the file `begun` when it gets a task, and then sleeps for 1,000 s.
    ///
    /// The first argument is the folder of the file. With a second argument, the worker also forks a child
    /// that sleeps for 1,000 s.
    private static let worker = """
        import os, sys, time

        sys.stdin.readline()
        sys.stdin.readline()
        if len(sys.argv) > 2 and os.fork() == 0:
            time.sleep(1000)
        open(sys.argv[1] + "/begun", "w").close()
        time.sleep(1000)

        """

    /// `WORKER` stands for the words that start the worker.
    @Test(
        arguments: [
            "WORKER", "WORKER fork", "sh -c \"WORKER; true\"", "timeout 1000 WORKER",
            "env A=b sh -c \"WORKER fork; true\"",
        ],
        ["-x", "--worker"]
    )
    func noProcessOfAHangingWorkerIsLeft(wrapper: String, option: String) throws {
        let script = try folder.write(Self.worker, to: "worker.py")
        let command = wrapper.replacing("WORKER", with: "python3 '\(script)' '\(folder.path)'")
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", option, command, "data:text/html,x"])
        let deadline = ContinuousClock.now + .seconds(60)
        while !folder.names.contains("begun"), ContinuousClock.now < deadline { usleep(10_000) }
        #expect(folder.names.contains("begun"))
        let below = try ProcessWatch.all(below: running.pid)
        #expect(below.count >= 2)
        running.signal(SIGKILL)
        for process in below { #expect(process.hasEnded(within: .seconds(30))) }
    }

    /// Besides its workers, a run has a guard, which kills the workers if the coordinator dies.
    ///
    /// The guard is a separate process, which ends soon after a normal end of the run.
    @Test func noProcessIsLeftAfterANormalEnd() throws {
        let script = try folder.write(
            """
            import json, sys
            for line in sys.stdin:
                if '"task"' in line:
                    print(json.dumps({"seq": json.loads(line)["seq"], "result": 1}), flush=True)

            """,
            to: "worker.py"
        )
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", "-x", "python3 '\(script)'"])
        try running.send("data:,x")
        #expect(try running.record()?.outcome == "ok")
        let below = try ProcessWatch.all(below: running.pid)
        #expect(below.count >= 2)
        running.endInput()
        #expect(try running.waitForEnd() == .status(0))
        for process in below { #expect(process.hasEnded(within: .seconds(4))) }
    }
}
