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

/// Faults of workers at different points of their tasks, and results that cannot be used.
@Suite(.ownThread) struct FaultTests {
    private func expect(_ way: Fault.Way, in thrown: (any Error)?, _ place: String) {
        let thrown = thrown as? ProcessPoolError
        switch (way, thrown) {
        case (.error, .taskFailed(let failure)?): #expect(failure.message.contains("as told"), "\(place)")
        case (.exit, .workerDied(let death)?): #expect(death.exitCode == 7, "\(place)")
        case (.segv, .workerDied(let death)?): #expect(death.signal == SIGSEGV, "\(place)")
        default: Issue.record("\(way) at \(place): \(String(describing: thrown))")
        }
    }

    @Test(arguments: Fault.Way.allCases, Fault.Point.allCases)
    func faultInAWorkerEndsItsTaskAlone(way: Fault.Way, point: Fault.Point) async throws {
        try await withTestPool { pool async throws in
            let others = (0..<20).map { pool.submit(Functions.double, $0) }
            let faulty = pool.submit(Functions.faulty, Fault(way, at: point))
            let thrown = await error { try await faulty.result(timeout: .seconds(120)) }
            expect(way, in: thrown, point.rawValue)
            for (number, future) in others.enumerated() { #expect(try await future.value == 2 * number) }
            #expect(try await pool.submit(Functions.double, 3).value == 6)
        }
    }

    @Test func messageWithoutAResultIsNoResult() async throws {
        let script = #"""
            echo '{"t":"hello","v":1}'
            while read -r line; do
                seq=${line#*'"seq":'}
                case $line in *'"t":"task"'*) echo "{\"t\":\"result\",\"seq\":${seq%%[!0-9]*},\"results\":1}" ;; esac
            done
            """#
        try await withProcessPool(.program("/bin/sh", arguments: ["-c", script])) { pool async throws in
            for future in [pool.submit(1, returning: Int?.self), pool.submit(2, returning: Int?.self)] {
                let thrown = await error { try await future.result(timeout: .seconds(120)) }
                let reason = "the worker's result message has no result and no error"
                #expect(thrown as? ProcessPoolError == .unusableResult(reason))
            }
        }
    }

    @Test(arguments: Fault.Way.allCases, ["read", "write"])
    func faultOfAProgramEndsItsTaskAlone(way: Fault.Way, point: String) async throws {
        let stub = PoolWorkers.program(
            BuiltPrograms.path("stub-worker"),
            arguments: ["--fault", way.rawValue, "--at", point, "--on", "poison"]
        )
        try await withProcessPool(stub) { pool async throws in
            let others = (0..<5).map { pool.submit($0, returning: Int.self) }
            let faulty = pool.submit("poison", returning: Int.self)
            let thrown = await error { try await faulty.result(timeout: .seconds(120)) }
            if way == .error, point == "write", case .unusableResult? = thrown as? ProcessPoolError {
                // The program has written half a result and a line feed.
            } else {
                expect(way, in: thrown, point)
            }
            for future in others { _ = try await future.value }
        }
    }

    @Test func resultThatTheSubmitterCannotDecodeFailsAlone() async throws {
        try await withProcessPool(.program(BuiltPrograms.path("stub-worker"))) { pool async throws in
            let thrown = await error { try await pool.submit(1, returning: String.self).value }
            guard case .undecodableResult? = thrown as? ProcessPoolError else {
                Issue.record("\(String(describing: thrown))")
                return
            }
            _ = try await pool.submit(1, returning: Int.self).value
        }
    }

    @Test func errorClassOfAProgramIsTheTypeOfTheFailure() async throws {
        let script = #"""
            while IFS= read -r line; do
              case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; seq=${seq%%,*}
              printf '{"seq":%s,"error":{"class":"unknown_function","message":"median"}}\n' "$seq"
            done
            """#
        try await withProcessPool(.program("sh", arguments: ["-c", script])) { pool async throws in
            let thrown = await error { try await pool.submit(1, returning: Int.self).value }
            let failure = WorkerFailure(type: "unknown_function", message: "median")
            #expect(thrown as? ProcessPoolError == .taskFailed(failure))
        }
    }

    /// The shell acts as a worker with functions; its result takes 6 s.
    ///
    /// The pool ends a worker that has a task and has sent no byte for 5 s (`PoolState.silenceLimit`).
    @Test func workerThatWritesItsResultSlowlyIsNotSilent() async throws {
        let script = #"""
            echo '{"t":"hello","v":1}'
            while IFS= read -r line; do
              case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; seq=${seq%%,*}
              printf '{"seq":%s,"result":' "$seq"
              for second in 1 2 3 4 5 6; do sleep 1; printf "$second"; done
              echo '}'
            done
            """#
        let shell = PoolWorkers.functions(of: "sh", arguments: ["-c", script])
        try await withProcessPool(shell) { pool async throws in
            #expect(try await pool.submit(Functions.double, 1).value == 123_456)
        }
    }

    @Test func secondResultOfATaskIsIgnored() async throws {
        let script = #"""
            while IFS= read -r line; do
              case "$line" in *'"t":"drain"'*) exit 0;; *'"t":"task"'*) ;; *) continue;; esac
              seq=${line#*'"seq":'}; seq=${seq%%,*}; input=${line#*'"input":'}; input=${input%%\}*}
              printf '{"seq":%s,"result":%s}\n{"seq":%s,"result":0}\n' "$seq" "$input" "$seq"
            done
            """#
        try await withProcessPool(.program("sh", arguments: ["-c", script])) { pool async throws in
            let futures = (1...20).map { pool.submit($0, returning: Int.self) }
            for (number, future) in futures.enumerated() { #expect(try await future.value == number + 1) }
            for future in futures { #expect(!future.cancel(), "the task has ended") }
        }
    }

    @Test func workersKilledTogetherFailOnlyTheirCurrentTasks() async throws {
        let folder = TestFolder()
        try await withTestPool(3) { pool async throws in
            var processes: Set<Int> = []
            while processes.count < 3 {
                for future in (0..<3).map({ _ in pool.submit(Functions.nap, 50) }) {
                    processes.insert(try await future.value)
                }
            }
            let hanging = (0..<3).map { pool.submit(Functions.hang, folder.file("\($0)")) }
            for number in 0..<3 { try await folder.wait(for: "\(number)") }
            let behind = (0..<30).map { pool.submit(Functions.double, $0) }
            for process in processes { kill(pid_t(process), SIGKILL) }
            var dead: Set<Int> = []
            for future in hanging {
                let death = (await error { try await future.value } as? ProcessPoolError)?.death
                #expect(death?.signal == SIGKILL)
                dead.insert(try #require(death).pid)
            }
            #expect(dead == processes)
            for (number, future) in behind.enumerated() { #expect(try await future.value == 2 * number) }
        }
    }
}
