// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import Glibc
import ProcessPool
import TestPrograms
import TestThreads
import Testing

/// Tests of the settings and the statistics of pools.
@Suite(.ownThread) struct SettingsTests {
    private func withFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.appendingPathComponent("file").path)
    }

    private func processes(of futures: [PoolFuture<Int>]) async throws -> [Int] {
        var processes: [Int] = []
        for future in futures { processes.append(try await future.value) }
        return processes
    }

    @Test func workerIsReplacedAfterItsTasks() async throws {
        try await withTestPool(1) {
            $0.maxTasksPerWorker = 3
        } _: { pool async throws in
            let processes = try await self.processes(of: (0..<9).map { pool.submit(Functions.process, $0) })
            #expect(Set(processes).count == 3)
            for process in Set(processes) { #expect(processes.count { $0 == process } == 3) }
            // The limit also holds while many tasks wait.
            let others = try await self.processes(of: (0..<30).map { pool.submit(Functions.process, $0) })
            #expect(Set(others).allSatisfy { process in others.count { $0 == process } <= 3 })
            // This task comes just before the shutdown.
            _ = pool.submit(Functions.process, 0)
        }
    }

    @Test func workersStartEvenIfTheFileOfTheirProgramIsReplaced() async throws {
        try await withFile { path async throws in
            // cp(1) writes the file. If this process wrote it, a process that another thread starts meanwhile
            // could hold the file open, and executing the file would fail (ETXTBSY, execve(2)).
            let copied = try RunningProgram.run("/bin/cp", [BuiltPrograms.path("executor-worker"), path])
            #expect(copied.end == .status(0), "\(copied.errors)")
            let run = try RunningProgram.run(path, ["replaced"])
            #expect(run.output == "2\n4\n6\n", "\(run.errors)")
            #expect(run.end == .status(0))
        }
    }

    @Test func workersStartAfterAChangeOfTheFolder() throws {
        let run = try RunningProgram.run("executor-worker", ["moves"])
        #expect(run.output == "0\n2\n", "\(run.errors)")
    }

    /// The name of the copied program ends in `-test-runner`, like the names of test programs.
    @Test func programThatServesMayBeCalledATestRunner() async throws {
        try await withFile { path async throws in
            let name = path + "-test-runner"
            let copied = try RunningProgram.run("/bin/cp", [BuiltPrograms.path("executor-worker"), name])
            #expect(copied.end == .status(0), "\(copied.errors)")
            let run = try RunningProgram.run(name, ["doubles"])
            #expect(run.output == "42\n", "\(run.errors)")
        }
    }

    @Test func signalsOfAProgramThatWaitsForThemDoNotEndIt() throws {
        let run = try RunningProgram.run("signal-waiter")
        #expect(run.lines == ["2", "\(SIGUSR1)", "\(SIGTERM)", "2", "\(SIGTERM)"], "\(run.errors)")
        #expect(run.end == .status(0))
    }

    @Test func programInheritsTheSignalsThatTheMainThreadBlocks() throws {
        let run = try RunningProgram.run("signal-waiter", ["program"])
        let mask = "blocks \([SIGUSR1, SIGTERM].sorted())"
        // While sigwait(3) waits, the kernel does not count its signals as blocked.
        #expect(
            run.lines == ["blocks []", "\(SIGUSR1)", "\(SIGTERM)", mask, "\(SIGTERM)"],
            "\(run.errors)"
        )
        #expect(run.end == .status(0))
    }

    @Test func idleWorkerEndsAndComesBack() async throws {
        try await withTestPool(1) {
            $0.idleTimeout = .milliseconds(100)
        } _: { pool async throws in
            let first = try await pool.submit(Functions.process, 0).value
            for _ in 0..<6_000 where kill(pid_t(first), 0) == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(kill(pid_t(first), 0) != 0)
            #expect(try await pool.submit(Functions.process, 0).value != first)
        }
    }

    @Test func environmentAndNicenessReachTheWorkers() async throws {
        try await withTestPool(1) {
            // U+10FFE9 stands for the byte 0xE9 in inherited variables, but not in this setting.
            $0.environment = ["TEST_VARIABLE": "a = b \u{10FFE9}", "HOME": "/elsewhere"]
            $0.niceness = 3
        } _: { pool async throws in
            #expect(try await pool.submit(Functions.variable, "TEST_VARIABLE").value == "a = b \u{10FFE9}")
            #expect(try await pool.submit(Functions.variable, "HOME").value == "/elsewhere")
            #expect(try await pool.submit(Functions.variable, "PATH").value != "none")
            #expect(try await pool.submit(Functions.variable, "FETCHPOOL_WORKER").value == "none")
            let own = Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
            #expect(try await pool.submit(Functions.niceness, 0).value == min(own + 3, 19))
        }
    }

    @Test func workersInheritTheEnvironmentAtTheTimeOfTheirPool() throws {
        let program = BuiltPrograms.path("executor-worker")
        let run = try RunningProgram.run("/usr/bin/env", ["TEST_REMOVED=there", program, "variables"])
        #expect(run.output == "none\nthere\nadded\nnone\n[97, 233, 98]\n", "\(run.errors)")
        #expect(run.end == .status(0))
    }

    @Test func settingsMayBeAsLargeAsNumbersCanBe() async throws {
        try await withTestPool(.max) {
            $0.maxTasksPerWorker = .max
            $0.crashRetries = .max
            $0.niceness = .max
            $0.memoryLimit = .gibibytes(.max)
            $0.idleTimeout = .seconds(Int64.max)
            $0.taskDeadline = .seconds(Int64.max)
            $0.startDeadline = .seconds(Int64.max)
            $0.cancelGrace = .seconds(Int64.max)
            $0.teardown = .seconds(Int64.max)
        } _: { pool async throws in
            #expect(try await pool.submit(Functions.niceness, 0).value == 19)
            var doubles: [Int] = []
            for try await double in pool.map(Functions.double, [1, 2]) { doubles.append(double) }
            #expect(doubles == [2, 4])
        }
    }

    @Test func amountOfMemoryStaysWithinItsNumber() {
        #expect(ByteCount.kibibytes(3).bytes == 3_072)
        #expect(ByteCount.gibibytes(.max).bytes == .max)
        #expect(ByteCount.mebibytes(.min).bytes == .min)
    }

    @Test func initializeAndFinishRunOnceInEachWorker() async throws {
        try await withFile { file in
            try await withTestPool(2) {
                $0.environment = ["TEST_INITIALIZED": file, "TEST_FINISHED": file]
                $0.maxTasksPerWorker = 10
            } _: { pool async throws in
                for number in 0..<30 { _ = try await pool.submit(Functions.double, number).value }
            }
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.count { $0 == "i" } == 3)
            #expect(text.count { $0 == "f" } == 3)
        }
    }

    @Test func statisticsTellWhatWorkersDid() async throws {
        var (statistics, total) = try await statisticsOfNaps()
        func time(of milliseconds: Int) -> Duration? {
            let input = #"{"call":"nap","input":\#(milliseconds)}"#
            return statistics.slowestTasks.first { $0.input == input }?.duration
        }
        func areShort() -> Bool { [600, 300].contains { time(of: $0) ?? .zero < .milliseconds($0) } }
        // A gap of more than a second in the pool's thread counts as waiting, not as work (`LoopClock`).
        // Large results of other tests can cause such a gap, because all executors share the thread.
        for _ in 0..<5 where areShort() { (statistics, total) = try await statisticsOfNaps() }
        #expect(statistics.finishedTasks == 8)
        let worker = try #require(statistics.workers.first)
        #expect(statistics.workers.count == 1)
        #expect(worker.starts == 1)
        #expect(worker.tasks == 8)
        #expect(!worker.isAlive)
        #expect(worker.working >= .milliseconds(900))
        #expect(worker.waiting >= .milliseconds(90))
        #expect(worker.starting > .zero)
        #expect(worker.starting + worker.waiting + worker.working <= total)
        #expect(worker.workingShare > 0 && worker.workingShare < 1)
        #expect(statistics.slowestTasks.count == 5)
        for milliseconds in [600, 300] {
            #expect(try #require(time(of: milliseconds)) >= .milliseconds(milliseconds))
        }
    }

    /// Returns the statistics of a pool whose worker has done eight tasks and waited for 100 ms, and the time
    /// for which the pool existed.
    private func statisticsOfNaps() async throws -> (PoolStatistics, Duration) {
        let pool = testPool(1)
        let begin = ContinuousClock().now
        // The long tasks must be the slowest even if a busy machine delays the short tasks.
        for milliseconds in [1, 600, 1, 300, 1, 1, 1, 1] {
            _ = try await pool.submit(Functions.nap, milliseconds).value
        }
        try await Task.sleep(for: .milliseconds(100))
        await pool.shutdown()
        return (pool.statistics, ContinuousClock().now - begin)
    }
}
