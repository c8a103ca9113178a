// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

@testable import ProcessPool

/// The ends of pools; an ended pool leaves no process, thread or pipe behind.
@Suite(.ownThread) struct ShutdownTests {
    private struct Stop: Error {}

    /// Returns true if a process exists and is no zombie.
    ///
    /// Foundation reaps the workers. A child that another test starts while a worker ends can delay the
    /// reaping. A shutdown waits at most a second for the reaping. So a worker can still be a zombie after
    /// the shutdown. The test `nothingIsLeft` runs its pools in a separate process, and allows no zombie.
    private func isAlive(_ process: Int) -> Bool {
        // Foundation is not used here: it leaks memory if the process ends while Foundation reads the file.
        let file = unsafe open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = unsafe max(read(file, &bytes, bytes.count), 0)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return false }
        return text[end...].dropFirst(2).first != "Z"
    }

    @Test func shutdownWaitsForTheTasksAndTheWorkers() async throws {
        let pool = testPool()
        let futures = (0..<20).map { _ in pool.submit(Functions.nap, 20) }
        await pool.shutdown()
        #expect(futures.allSatisfy { $0.state == .finished })
        for future in futures { #expect(!isAlive(try await future.value)) }
    }

    @Test func shutdownCanCancelTasksThatNoWorkerHas() async throws {
        let folder = TestFolder()
        let pool = testPool(1)
        // The first task ends only after the other tasks have ended.
        let first = pool.submit(Functions.waitForFile, folder.file("gate"))
        let others = (0..<50).map { _ in pool.submit(Functions.nap, 1) }
        while first.state == .pending { try await Task.sleep(for: .milliseconds(1)) }
        async let end: Void = pool.shutdown(cancelPending: true)
        for other in others { #expect(await error { try await other.value } is CancellationError) }
        #expect(others.allSatisfy { $0.state == .cancelled })
        #expect(first.state == .running)
        try folder.write("", to: "gate")
        await end
        #expect(first.state == .finished)
        #expect(try await first.value > 1)
    }

    @Test func repeatedAndConcurrentShutdownsAreSafe() async throws {
        let unused = testPool()
        await unused.shutdown()
        await unused.shutdown()
        let pool = testPool()
        let future = pool.submit(Functions.nap, 100)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 { group.addTask { await pool.shutdown() } }
        }
        await pool.shutdown(cancelPending: true)
        #expect(future.state == .finished)
    }

    @Test func taskSubmittedDuringAShutdownIsFinishedOrRefused() async throws {
        for _ in 0..<20 {
            let pool = testPool(1)
            async let future = OwnThread.task { pool.submit(Functions.double, 1) }.value
            await Task.yield()
            await pool.shutdown()
            let seen = try await future
            #expect(seen.state == .finished)
            #expect(seen.error == nil || seen.error as? ProcessPoolError == .poolClosed)
        }
    }

    @Test func submitAfterTheShutdownIsRefused() async throws {
        let pool = testPool()
        #expect(try await pool.submit(Functions.double, 1).value == 2)
        pool.beginShutdown()
        let late = pool.submit(Functions.double, 1)
        #expect(late.error as? ProcessPoolError == .poolClosed)
        await pool.shutdown()
        #expect(pool.submit(Functions.double, 1).error as? ProcessPoolError == .poolClosed)
    }

    @Test func poolThatIsReleasedEndsItsTasks() async throws {
        var pool: ProcessPoolExecutor? = testPool()
        let futures = (0..<10).map { _ in pool?.submit(Functions.nap, 20) }
        pool = nil
        for future in futures {
            let process = try await #require(future).value
            for _ in 0..<6_000 where isAlive(process) { try await Task.sleep(for: .milliseconds(10)) }
            #expect(!isAlive(process))
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func workersAreEndedImmediately(signal: Int32) async throws {
        let pool = testPool(1)
        let process = try await pool.submit(Functions.process, 0).value
        let hanging = pool.submit(Functions.die, "hang")
        let pending = (0..<5).map { _ in pool.submit(Functions.nap, 1) }
        while hanging.state == .pending { try await Task.sleep(for: .milliseconds(1)) }
        if signal == SIGTERM { pool.terminateWorkers() } else { pool.killWorkers() }
        let thrown = await error { try await hanging.value } as? ProcessPoolError
        #expect(thrown?.death?.signal == signal)
        #expect(thrown?.death?.pid == process)
        for future in pending { #expect(await error { try await future.value } != nil) }
        await pool.shutdown()
        #expect(!isAlive(process))
        #expect(pool.submit(Functions.double, 1).error as? ProcessPoolError == .poolClosed)
    }

    @Test func workerThatIgnoresSIGTERMIsKilled() async throws {
        let folder = TestFolder()
        let pool = testPool(1) { $0.teardown = .milliseconds(100) }
        let process = try await pool.submit(Functions.process, 0).value
        _ = pool.submit(Functions.stubborn, folder.file("begun"))
        try await folder.wait(for: "begun")
        let start = ContinuousClock().now
        pool.terminateWorkers()
        await pool.shutdown()
        #expect(ContinuousClock().now - start < .seconds(60))
        #expect(!isAlive(process))
    }

    @Test func killWorkersAlsoKillsTheWorkersOfATerminatedPool() async throws {
        let folder = TestFolder()
        let pool = testPool(1) { $0.teardown = .seconds(300) }
        let process = try await pool.submit(Functions.process, 0).value
        let stubborn = pool.submit(Functions.stubborn, folder.file("begun"))
        try await folder.wait(for: "begun")
        let start = ContinuousClock().now
        pool.terminateWorkers()
        while !stubborn.isDone { try await Task.sleep(for: .milliseconds(1)) }
        #expect(isAlive(process))
        pool.killWorkers()
        await pool.shutdown()
        #expect(ContinuousClock().now - start < .seconds(120))
        #expect(!isAlive(process))
    }

    /// While the pool is being ended, each of 100 callbacks calls `cancel` on each of the 20,000 futures.
    @Test func terminationCountsOnlyOnceATaskThatACallbackCancels() async throws {
        for _ in 0..<Sanitizer.rounds(3) {
            let pool = testPool(1)
            let hanging = pool.submit(Functions.die, "hang")
            let futures = (0..<20_000).map { pool.submit(Functions.double, $0) }
            while hanging.state == .pending { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .milliseconds(20))
            for future in futures.prefix(100) {
                future.onCompletion { _ in for other in futures.reversed() { other.cancel() } }
            }
            pool.terminateWorkers()
            #expect(pool.core.waitingTasks == 0)
            for future in futures { #expect(await error { try await future.value } is CancellationError) }
            #expect(pool.core.waitingTasks == 0)
            await pool.shutdown()
        }
    }

    @Test func poolThatWasNeverUsedCanBeKilled() async throws {
        let pool = testPool()
        pool.killWorkers()
        pool.terminateWorkers()
        await pool.shutdown()
    }

    @Test func errorInTheBodyEndsThePool() async throws {
        var seen: [PoolFuture<Int>] = []
        let thrown = await error {
            try await withTestPool(1) { pool async throws in
                seen = [pool.submit(Functions.die, "hang"), pool.submit(Functions.die, "live")]
                throw Stop()
            }
        }
        #expect(thrown is Stop)
        #expect(seen.allSatisfy { $0.isDone })
    }

    @Test func cancelledSwiftTaskEndsItsPool() async throws {
        let task = OwnThread.task {
            try await withTestPool(1) { pool in pool.submit(Functions.die, "hang") }
        }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        #expect(try await task.value.isDone)
    }

    @Test(arguments: [("endless", "999000"), ("pools", "50")])
    func nothingIsLeft(scene: String, result: String) throws {
        let run = try RunningProgram.run("executor-worker", [scene], within: .seconds(120))
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(
            run.output.hasSuffix("\(result) pipes 0 threads 0 children 0\n"),
            "\(run.output)\(run.errors)"
        )
    }

    @Test func nothingIsLeftOfPoolsOfAProgram() throws {
        let run = try RunningProgram.run(
            "executor-worker",
            ["programs", BuiltPrograms.path("kit-worker")],
            within: .seconds(120)
        )
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(run.output.hasSuffix("10 pipes 0 threads 0 children 0\n"), "\(run.output)\(run.errors)")
    }

    @Test func killedGuardIsReplacedAndDoesNotEndTheProgram() throws {
        let run = try RunningProgram.run(
            "executor-worker",
            ["guards", BuiltPrograms.path("kit-worker")],
            within: .seconds(120)
        )
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(run.output == "1 1\n", "\(run.errors)")
    }

    @Test func programCanServeItsOwnFunctions() throws {
        let run = try RunningProgram.run("executor-worker", ["doubles"])
        #expect(run.output == "42\n", "\(run.errors)")
    }

    @Test func programThatForgetsToServeStartsNoPoolsInItsWorkers() throws {
        let run = try RunningProgram.run(
            "/usr/bin/env",
            ["TEST_FORGETS=1", BuiltPrograms.path("executor-worker")],
            within: .seconds(60)
        )
        #expect(run.end == .status(0))
        #expect(run.output.contains("no worker can be started"), "\(run.output)")
        #expect(run.output.contains("call ProcessPoolExecutor.serveIfWorker at its top"), "\(run.output)")
    }

    @Test func workersEndWithAProgramThatIsKilled() throws {
        let program = try RunningProgram("executor-worker", ["waits"])
        let line = try #require(try program.line())
        let processes = line.split(separator: " ").compactMap { Int($0) }
        #expect(Set(processes).count == 2)
        program.signal(SIGKILL)
        let deadline = ContinuousClock().now + .seconds(60)
        while processes.contains(where: isAlive), ContinuousClock().now < deadline { usleep(10_000) }
        #expect(!processes.contains(where: isAlive))
    }

    @Test func workerThatIgnoresTheEndOfItsInputIsKilledAfterItsProgram() throws {
        let folder = TestFolder()
        let file = folder.file("process")
        let program = try RunningProgram("executor-worker", ["ignored", file])
        #expect(try program.line() == "started")
        var process: Int?
        let start = ContinuousClock().now + .seconds(60)
        while process == nil, ContinuousClock().now < start {
            usleep(10_000)
            let text = try? String(contentsOfFile: file, encoding: .utf8)
            process = text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        let worker = try #require(process)
        program.signal(SIGKILL)
        // The worker has five seconds to end by itself. The guard, a process of the executor, then kills the
        // worker.
        let deadline = ContinuousClock().now + .seconds(60)
        while isAlive(worker), ContinuousClock().now < deadline { usleep(10_000) }
        #expect(!isAlive(worker))
    }
}
