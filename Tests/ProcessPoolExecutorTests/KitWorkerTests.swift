// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool
import TestPrograms
import TestThreads
import Testing

/// Pools whose workers are programs made with the library `PoolWorker`.
@Suite(.ownThread) struct KitWorkerTests {
    private struct Order: Encodable, Sendable {
        var `do`: String
        var ms: Int?
    }

    private struct Waited: Decodable, Sendable {
        var waited: Bool
    }

    private func withKit(
        _ arguments: String...,
        body: (ProcessPoolExecutor) async throws -> Void
    ) async throws {
        let program = PoolWorkers.program(BuiltPrograms.path("kit-worker"), arguments: arguments)
        try await withProcessPool(program, configuration: PoolConfiguration(maxWorkers: 1), body)
    }

    @Test(arguments: [
        ("refuse", "the model is missing; run fetch-model"), ("fail", "the database does not answer"),
        ("fail late", "the database does not answer in time"),
    ])
    func failedPreparationIsNamed(how: String, sentence: String) async throws {
        try await withKit(how) { pool async throws in
            let thrown = await error {
                try await pool.submit(Order(do: "number"), returning: Waited.self).value
            }
            guard case .cannotStartWorkers(let stderr)? = thrown as? ProcessPoolError else {
                Issue.record("\(String(describing: thrown))")
                return
            }
            #expect(stderr.joined().contains(sentence))
        }
    }

    @Test func concurrentWorkerDoesSeveralTasksAtOnce() async throws {
        try await withKit("concurrent") { pool async throws in
            var count = 0
            let orders = (0..<200).map { _ in Order(do: "wait", ms: 2) }
            for try await result in pool.map(orders, returning: Waited.self) where result.waited {
                count += 1
            }
            #expect(count == 200)
            let most = try await pool.submit(Order(do: "most"), returning: [String: Int?].self).value
            #expect(most["most"] == 4)
        }
    }

    @Test func cancelledTaskOfAConcurrentWorkerLetsAnotherTaskBegin() async throws {
        try await withKit("concurrent") { pool async throws in
            let long = (0..<4).map { _ in
                pool.submit(Order(do: "wait", ms: 1_000_000), returning: Waited.self)
            }
            while long.contains(where: { $0.state != .running }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            let short = pool.submit(Order(do: "wait", ms: 1), returning: Waited.self)
            long[2].cancel()
            // The worker works on at most four tasks at once, and is working on four tasks now. So the worker
            // begins the short task only after it has stopped the cancelled task.
            #expect(try await short.value.waited)
            #expect(await error { try await long[2].value } is CancellationError)
            #expect(long[1].state != .cancelled)
            for future in long { future.cancel() }
            for future in long { #expect(await error { try await future.value } is CancellationError) }
        }
    }
}
