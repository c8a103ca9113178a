// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import Glibc
import ProcessPool
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Workers that die, hang, take too much memory or cannot start.
@Suite(.ownThread) struct DeathTests {
    @Test(arguments: ["segv", "kill", "late kill", "abort", "trap", "exit 0", "exit 7"])
    func dyingWorkerFailsOnlyItsOwnFuture(way: String) async throws {
        try await withTestPool { pool async throws in
            // After these cheap tasks, the pool gives a worker many tasks at once. So the worker usually has
            // other tasks before and behind the deadly task.
            for try await _ in pool.map(Functions.double, 0..<500) {}
            let before = (0..<200).map { pool.submit(Functions.double, $0) }
            let deadly = pool.submit(Functions.die, way)
            let after = (0..<200).map { pool.submit(Functions.double, $0) }
            let thrown = await error { try await deadly.value } as? ProcessPoolError
            let death = try #require(thrown?.death, "\(String(describing: thrown))")
            switch way {
            case "segv": #expect(death.signal == SIGSEGV)
            case "kill", "late kill": #expect(death.signal == SIGKILL)
            case "abort": #expect(death.signal == SIGABRT)
            case "trap": #expect(death.signal == SIGILL || death.signal == SIGTRAP)
            case "exit 0": #expect(death.exitCode == 0)
            default: #expect(death.exitCode == 7)
            }
            #expect(death.pid > 1)
            #expect(death.stderr.contains("last words"))
            for (number, future) in (before + after).enumerated() {
                #expect(try await future.value == number % 200 * 2)
            }
        }
    }

    /// If a process ignores SIGCHLD, the kernel keeps no exit status of its children.
    @Test func deathsAreKnownEvenIfTheProgramIgnoresSIGCHLD() async {
        await #expect(processExitsWith: .success) {
            signal(SIGCHLD, SIG_IGN)
            try await withTestPool(1) { pool async throws in
                for (way, wanted) in [("kill", Int32?.some(SIGKILL)), ("exit 7", nil)] {
                    let thrown = await error { try await pool.submit(Functions.die, way).value }
                    let death = (thrown as? ProcessPoolError)?.death
                    guard let death, death.signal == wanted, death.exitCode == (wanted == nil ? 7 : nil)
                    else {
                        exit(1)
                    }
                }
            }
        }
    }

    /// A worker may write the results of several cheap tasks together.
    ///
    /// With `TEST_PRINTS`, a worker prints lines before it serves; 1,700 lines are 102 KB. The last 64 KiB of
    /// these lines may still be in the pipe when the worker begins its first task.
    ///
    /// A worker may hold many tasks only if tasks are cheap (`Pace`). With a sanitizer, no task is cheap, so
    /// the test begins with only 200 tasks.
    @Test(arguments: ["kill", "segv"], [[:], ["TEST_PRINTS": "1"], ["TEST_PRINTS": "1700"]])
    func theResultsBeforeADeathAreNotLost(way: String, environment: [String: String]) async throws {
        try await withTestPool(1, { $0.environment = environment }) { pool async throws in
            for try await _ in pool.map(Functions.double, 0..<(Sanitizer.isUsed ? 200 : 2_000)) {}
            for round in 0..<Sanitizer.rounds(10) {
                let before = (0..<50).map { pool.submit(Functions.double, $0) }
                let deadly = pool.submit(Functions.die, way)
                for (number, future) in before.enumerated() {
                    let value = try? await future.value
                    #expect(value == number * 2, "round \(round)")
                }
                await #expect(throws: ProcessPoolError.self) { try await deadly.value }
            }
        }
    }

    @Test func aLongTaskDoesNotDelayTheResultsBeforeIt() async throws {
        let folder = TestFolder()
        try await withTestPool(1) { pool async throws in
            for try await _ in pool.map(Functions.double, 0..<2_000) {}
            let before = (0..<50).map { pool.submit(Functions.double, $0) }
            // Nothing makes the file, so this task would take two minutes.
            let long = pool.submit(Functions.waitForFile, folder.file("gate"))
            for (number, future) in before.enumerated() { #expect(try await future.value == number * 2) }
            #expect(long.state != .finished)
            _ = long.cancel()
        }
    }

    @Test func workerKilledFromOutsideFailsOnlyItsCurrentTask() async throws {
        let folder = TestFolder()
        try await withTestPool(1) { pool async throws in
            let process = try await pool.submit(Functions.process, 0).value
            let hanging = pool.submit(Functions.hang, folder.file("begun"))
            let next = pool.submit(Functions.double, 4)
            try await folder.wait(for: "begun")
            kill(pid_t(process), SIGKILL)
            let thrown = await error { try await hanging.value } as? ProcessPoolError
            #expect(thrown?.death?.signal == SIGKILL)
            #expect(thrown?.death?.pid == process)
            #expect(try await next.value == 8)
        }
    }

    @Test func idleWorkersKilledTogetherFailNoTask() async throws {
        try await withTestPool(3) { pool async throws in
            for _ in 0..<3 {
                let futures = (0..<6).map { _ in pool.submit(Functions.nap, 50) }
                var processes: Set<Int> = []
                for future in futures { processes.insert(try await future.value) }
                for process in processes { kill(pid_t(process), SIGKILL) }
            }
            for number in 0..<50 {
                #expect(try await pool.submit(Functions.double, number).value == 2 * number)
            }
        }
    }

    @Test func everyFutureEndsWhenManyTasksKillTheirWorkers() async throws {
        try await withTestPool(3) { pool async throws in
            let futures = (0..<30).map { pool.submit(Functions.die, $0 % 3 == 0 ? "kill" : "live") }
            for (number, future) in futures.enumerated() {
                let thrown = await error { try await future.value } as? ProcessPoolError
                #expect((thrown?.death?.signal == SIGKILL) == (number % 3 == 0), "\(number)")
            }
        }
    }

    @Test func crashWithMoreUnreadInputThanAPipeHoldsFailsOneTask() async throws {
        try await withTestPool(1) { pool async throws in
            for try await _ in pool.map(Functions.double, 0..<100) {}
            let text = String(repeating: "y", count: 100_000)
            let before = (0..<20).map { _ in pool.submit(Functions.echo, text) }
            let deadly = pool.submit(Functions.die, "segv")
            let after = (0..<20).map { _ in pool.submit(Functions.echo, text) }
            for future in before + after { #expect(try await future.value == text) }
            #expect((deadly.error as? ProcessPoolError)?.death?.signal == SIGSEGV)
        }
    }

    @Test func taskThatKilledItsWorkerIsTriedAgainIfAllowed() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let starts = folder.appendingPathComponent("starts").path
        try await withTestPool(1) {
            $0.crashRetries = 2
            $0.environment["TEST_INITIALIZED"] = starts
        } _: { pool async throws in
            #expect(await error { try await pool.submit(Functions.die, "segv").value } != nil)
            _ = try await pool.submit(Functions.double, 1).value
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: starts)).count == 4)
    }

    @Test func taskPastTheDeadlineIsEnded() async throws {
        // A worker that gets no CPU core may exceed a short deadline before it begins its task, or during a
        // cheap task. In that case, the test tries a longer deadline.
        for seconds in [0.3, 3, 30] {
            let wasSlow = try await withTestPool(1) {
                $0.taskDeadline = .seconds(seconds)
            } _: { pool async throws -> Bool in
                let start = ContinuousClock().now
                let hanging = pool.submit(Functions.die, "hang")
                let next = pool.submit(Functions.double, 3)
                let thrown = await error { try await hanging.value } as? ProcessPoolError
                #expect(ContinuousClock().now - start < .seconds(seconds + 60))
                guard case .deadlineExceeded(let death)? = thrown else {
                    Issue.record("\(String(describing: thrown))")
                    return false
                }
                var isSlow = !death.stderr.contains("last words")
                let failure = await error { try await next.value } as? ProcessPoolError
                if case .deadlineExceeded? = failure { isSlow = true }
                if isSlow, seconds < 30 { return true }
                #expect(death.stderr.contains("last words"))
                #expect(try await next.value == 6)
                return false
            }
            guard wasSlow else { return }
        }
    }

    @Test func timeInTheQueueDoesNotCountAgainstTheDeadline() async throws {
        // A worker that gets no CPU core may exceed a short deadline during any task. In that case, the test
        // tries longer times.
        var failure: (any Error)?
        for (seconds, milliseconds) in [(2, 300), (30, 4_000)] {
            failure = try await withTestPool(1) {
                $0.taskDeadline = .seconds(seconds)
            } _: { pool async throws -> (any Error)? in
                let futures = (0..<10).map { _ in pool.submit(Functions.nap, milliseconds) }
                return await error { for future in futures { _ = try await future.value } }
            }
            guard case .deadlineExceeded? = failure as? ProcessPoolError else { break }
        }
        #expect(failure == nil)
    }

    @Test func workerOverTheMemoryLimitEndsAsOutOfMemory() async throws {
        try await withTestPool(1) {
            $0.memoryLimit = .mebibytes(300)
        } _: { pool async throws in
            #expect(try await pool.submit(Functions.memory, 10).value == 10)
            let thrown = await error { try await pool.submit(Functions.memory, 1_000).value }
            let death = try #require((thrown as? ProcessPoolError)?.death, "\(String(describing: thrown))")
            #expect(death.isOutOfMemory)
            #expect(try #require(death.peakMemory) > .mebibytes(100))
            #expect(try await pool.submit(Functions.double, 1).value == 2)
        }
    }

    @Test(arguments: [0, 800]) func failingInitializerFailsTheTasksAndIsQuoted(milliseconds: Int) async throws
    {
        try await withTestPool(2) {
            $0.environment["TEST_FAILS"] = "no database"
            $0.environment["TEST_SLOW"] = "\(milliseconds)"
        } _: { pool async throws in
            let futures = (0..<10).map { pool.submit(Functions.double, $0) }
            for future in futures {
                let thrown = await error { try await future.value }
                guard case .cannotStartWorkers(let stderr)? = thrown as? ProcessPoolError else {
                    Issue.record("\(String(describing: thrown))")
                    continue
                }
                #expect(stderr.joined().contains("no database"))
            }
            // The executor stays usable: for the next task, it tries again to start workers.
            let again = await error { try await pool.submit(Functions.double, 1).value }
            guard case .cannotStartWorkers? = again as? ProcessPoolError else {
                Issue.record("\(String(describing: again))")
                return
            }
        }
    }

    /// If no worker can start, the executor ends its pool, and begins a new pool at the next task.
    ///
    /// The next task may come while the processes of the ended pool are still being reaped.
    @Test func taskThatComesWhileAPoolEndsGetsANewPool() async throws {
        try await withTestPool(3) {
            $0.environment["TEST_FAILS"] = "no database"
        } _: { pool async throws in
            for _ in 0..<15 {
                let futures = (0..<3).map { pool.submit(Functions.double, $0) }
                for future in futures {
                    let thrown = await error { try await future.value }
                    guard case .cannotStartWorkers? = thrown as? ProcessPoolError else {
                        Issue.record("\(String(describing: thrown))")
                        return
                    }
                }
            }
        }
    }

    /// After the fifth failed start, the pool ends and its tasks fail.
    ///
    /// The next task comes while the other three workers are ending.
    @Test func taskThatIsSubmittedAfterTheCauseIsRepairedGetsAValue() async throws {
        for _ in 0..<5 {
            let folder = TestFolder()
            try await withTestPool(8) {
                $0.environment["TEST_NEEDS"] = folder.file("needed")
            } _: { pool async throws in
                let futures = (0..<8).map { pool.submit(Functions.double, $0) }
                _ = await error { try await futures[0].value }
                try folder.write("", to: "needed")
                #expect(try await pool.submit(Functions.double, 21).value == 42)
            }
        }
    }

    @Test(.disabled(if: Sanitizer.isUsed, "workers do not limit their memory with a sanitizer"))
    func errorNamesAMemoryLimitThatIsTooLow() async throws {
        let program = PoolWorkers.program(BuiltPrograms.path("kit-worker"))
        var configuration = PoolConfiguration(maxWorkers: 1)
        configuration.memoryLimit = .mebibytes(1)
        let thrown = await error {
            try await withProcessPool(program, configuration: configuration) { pool async throws in
                _ = try await pool.submit(json: Array("1".utf8)).value
            }
        }
        guard case .cannotStartWorkers(let stderr)? = thrown as? ProcessPoolError else {
            Issue.record("\(String(describing: thrown))")
            return
        }
        #expect(stderr.joined().contains("1048576 bytes of memory are too few"), "\(stderr)")
        #expect(stderr.joined().contains("memoryLimit of the executor"), "\(stderr)")
    }

    /// A worker may exceed its memory limit before the worker itself has checked the limit.
    ///
    /// This shell never checks the limit, so the message must come from the pool.
    @Test(.disabled(if: Sanitizer.isUsed, "no limit of memory applies with a sanitizer"))
    func limitBelowWhatASlowWorkerNeedsIsNamed() async throws {
        let program = PoolWorkers.program("/bin/sh", arguments: ["-c", "sleep 100; exit"])
        var configuration = PoolConfiguration(maxWorkers: 1)
        configuration.memoryLimit = .kibibytes(512)
        let thrown = await error {
            try await withProcessPool(program, configuration: configuration) { pool async throws in
                _ = try await pool.submit(json: Array("1".utf8)).value
            }
        }
        let text = "\(String(describing: thrown))"
        #expect(text.contains("524288 bytes of memory are too few"), "\(text)")
    }

    /// `Sources` is a folder in the current folder; no program in `PATH` has this name.
    @Test(arguments: ["/no/such/program", "Sources"])
    func missingProgramIsNamed(program: String) async throws {
        try await withProcessPool(.program(program)) { pool async throws in
            let thrown = await error { try await pool.submit(1, returning: Int.self).value }
            guard case .cannotStartWorkers(let stderr)? = thrown as? ProcessPoolError else {
                Issue.record("\(String(describing: thrown))")
                return
            }
            #expect(
                stderr.joined().contains(
                    "the program '\(program)' does not exist, or this process has no permission to run it"
                ),
                "\(stderr)"
            )
        }
    }

    @Test func tasksFailIfTheProgramIsNotAWorker() async throws {
        try await withProcessPool(.program("true")) { pool async throws in
            let thrown = await error { try await pool.submit(1, returning: Int.self).value }
            #expect(thrown is ProcessPoolError)
        }
    }

    @Test func errorSaysThatATaskHasClosedTheDescriptorsOfItsWorker() async throws {
        try await withTestPool(1) { pool async throws in
            let death = await error { try await pool.submit(Functions.closing, 1).value }
            let stderr = (death as? ProcessPoolError)?.death?.stderr ?? []
            #expect(stderr.contains("worker: a task has closed the worker's descriptors"), "\(stderr)")
        }
    }

    @Test func folderIsNoProgram() async throws {
        let folder = TestFolder()
        try await withProcessPool(.program(folder.path)) { pool async throws in
            let thrown = await error { try await pool.submit(1, returning: Int.self).value }
            #expect("\(thrown.map { "\($0)" } ?? "")".contains("no permission to run it"))
        }
    }
}
