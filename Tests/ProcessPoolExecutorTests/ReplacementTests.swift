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

/// Workers that are replaced while a pool ends, workers that cannot be replaced, and pools that end while
/// they have tasks.
@Suite(.ownThread) struct ReplacementTests {
    @Test func workersAreReplacedDuringAShutdown() async throws {
        let pool = testPool(3) { $0.maxTasksPerWorker = 1 }
        let futures = (0..<6).map { pool.submit(Functions.process, $0) }
        await pool.shutdown()
        var processes: Set<Int> = []
        for future in futures { processes.insert(try await future.value) }
        #expect(processes.count == 6)
    }

    @Test func releasedPoolReplacesItsWorkersUntilItsTasksHaveEnded() async throws {
        var pool: ProcessPoolExecutor? = testPool(1) { $0.maxTasksPerWorker = 1 }
        let futures = (0..<3).map { _ in pool?.submit(Functions.nap, 100) }
        pool = nil
        var processes: Set<Int> = []
        for future in futures { processes.insert(try await #require(future).value) }
        #expect(processes.count == 3)
    }

    @Test func tasksFailIfAWorkerCannotBeReplaced() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Only the first start of the program succeeds.
        let script = #"""
            mkdir "$1" 2>/dev/null || { echo "no second start" >&2; exit 1; }
            while IFS= read -r line; do
              case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; printf '{"seq":%s,"result":1}\n' "${seq%%,*}"
            done
            """#
        var configuration = PoolConfiguration(maxWorkers: 1)
        configuration.maxTasksPerWorker = 1
        let program = PoolWorkers.program("sh", arguments: ["-c", script, "sh", folder.path])
        try await withProcessPool(program, configuration: configuration) { pool async throws in
            let futures = (0..<3).map { pool.submit($0, returning: Int.self) }
            #expect(try await futures[0].value == 1)
            for future in futures.dropFirst() {
                let thrown = await error { try await future.result(timeout: .seconds(120)) }
                #expect("\(String(describing: thrown))".contains("no second start"))
            }
        }
    }

    @Test func cancelledTaskDoesNotHoldUpAShutdown() async throws {
        for isIdle in [true, false] {
            let pool = testPool(1)
            if isIdle { _ = try await pool.submit(Functions.double, 1).value }
            pool.submit(Functions.double, 1).cancel()
            await pool.shutdown()
        }
    }

    @Test func crashAfterTheShutdownCallEndsItsFuture() async throws {
        let pool = testPool(2)
        let nap = pool.submit(Functions.nap, 100)
        let deadly = pool.submit(Functions.die, "segv")
        let unusable = pool.submit(Functions.half, .nan)
        pool.beginShutdown()
        #expect((await error { try await deadly.value } as? ProcessPoolError)?.death?.signal == SIGSEGV)
        #expect(await error { try await unusable.value } != nil)
        _ = try await nap.value
        await pool.shutdown()
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func poolWhoseWorkersHaveDiedCanBeEnded(signal: Int32) async throws {
        let pool = testPool(1)
        #expect(await error { try await pool.submit(Functions.die, "exit 7").value } != nil)
        if signal == SIGTERM { pool.terminateWorkers() } else { pool.killWorkers() }
        await pool.shutdown()
        #expect(pool.submit(Functions.double, 1).error as? ProcessPoolError == .poolClosed)
    }

    @Test func callbackMayKillTheWorkers() async throws {
        let pool = testPool(1)
        let first = pool.submit(Functions.double, 1)
        let hanging = pool.submit(Functions.die, "hang")
        first.onCompletion { _ in pool.killWorkers() }
        let error = await error { try await hanging.result(timeout: .seconds(120)) }
        #expect(error != nil && error as? ProcessPoolError != .timedOut(.seconds(120)))
        await pool.shutdown()
    }

    @Test func workersThatAreEndedAreNotReplaced() async throws {
        let folder = TestFolder()
        let pool = testPool(2) { $0.maxTasksPerWorker = 1 }
        let first = pool.submit(Functions.nap, 20)
        // Nothing makes the file, so each task that waits for the file keeps its worker busy.
        let others = (0..<49).map { _ in pool.submit(Functions.waitForFile, folder.file("gate")) }
        _ = try await first.value
        pool.killWorkers()
        await pool.shutdown()
        #expect(pool.statistics.startedWorkers <= 3)
        #expect(others.allSatisfy { $0.isDone })
    }
}
