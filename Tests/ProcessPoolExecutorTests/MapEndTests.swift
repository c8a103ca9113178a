// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import ProcessPool
import TestFolders
import TestThreads
import Testing

/// Maps that fail or end early, several maps of one pool, and slow consumers.
@Suite(.ownThread) struct MapEndTests {
    /// Returns the values before the error, and the error; all values and `nil` if there is no error.
    private func results<Results: AsyncSequence>(
        of results: Results
    ) async -> (values: [Results.Element], error: (any Error)?) {
        var values: [Results.Element] = []
        do {
            for try await value in results { values.append(value) }
            return (values, nil)
        } catch {
            return (values, error)
        }
    }

    @Test func inputThatCannotBeEncodedFailsInItsPlace() async throws {
        try await withTestPool { pool async throws in
            for count in [0, 3, 1_000] {
                let inputs = (0..<count).map(Double.init) + [.infinity, 1]
                let (values, error) = await results(of: pool.map(Functions.half, inputs))
                #expect(values == (0..<count).map { Double($0) / 2 })
                guard case .unusableInput? = error as? ProcessPoolError else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                let unordered = await results(of: pool.mapUnordered(Functions.half, inputs))
                #expect(unordered.error is ProcessPoolError)
            }
        }
    }

    /// An input with one element, `path`; `next()` returns `path` only after `gate` has ended.
    ///
    /// `path` is returned even if the map is over by then.
    private struct LateInput: AsyncSequence, AsyncIteratorProtocol, Sendable {
        let path: String
        let asked: AsyncStream<Void>.Continuation
        let gate: Task<Void, any Error>
        var isOver = false

        func makeAsyncIterator() -> Self { self }

        mutating func next() async -> String? {
            guard !isOver else { return nil }
            asked.yield()
            try? await gate.value
            isOver = true
            return path
        }
    }

    @Test(arguments: [true, false])
    func inputThatComesAfterTheMapIsOverIsNotWorkedOn(isOrdered: Bool) async throws {
        let folder = TestFolder()
        let path = folder.path + "/worked"
        try await withTestPool(1) { pool async throws in
            let (opening, open) = AsyncStream.makeStream(of: Void.self)
            let (asking, asked) = AsyncStream.makeStream(of: Void.self)
            let gate = OwnThread.task { for await _ in opening { break } }
            let input = LateInput(path: path, asked: asked, gate: gate)
            do {
                let map =
                    isOrdered
                    ? pool.map(Functions.append, input) : pool.mapUnordered(Functions.append, input)
                let iterator = map.makeAsyncIterator()
                for await _ in asking { break }
                // The map is over when its iterator is released.
                withExtendedLifetime(iterator) {}
            }
            // After this task, the worker is ready, and would begin a task for `path` at once.
            _ = try await pool.submit(Functions.double, 1).value
            open.yield()
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// The consumer is slower than the worker, so that a result is always ready.
    @Test(arguments: [true, false])
    func cancelledMapOverAnEndlessInputEnds(isAsync: Bool) async throws {
        try await withTestPool(1) { pool async throws in
            let consumer = OwnThread.task {
                var count = 0
                if isAsync {
                    let endless = AsyncStream<Int> { 1 }
                    for try await _ in pool.map(Functions.double, endless, bufferSize: 4) {
                        count += 1
                        usleep(10_000)
                    }
                } else {
                    for try await _ in pool.map(Functions.double, sequence(first: 1) { $0 }, bufferSize: 4) {
                        count += 1
                        usleep(10_000)
                    }
                }
                return count
            }
            try await Task.sleep(for: .milliseconds(300))
            consumer.cancel()
            // A stream ends when its reader is cancelled. The map may then end without an error.
            switch await consumer.result {
            case .success: #expect(isAsync)
            case .failure(let error): #expect(error is CancellationError)
            }
        }
    }

    @Test func errorComesAfterAllValuesBeforeIt() async throws {
        try await withTestPool { pool async throws in
            for count in [1, 100, 20_000] {
                let inputs = (0..<count).map { 2 * $0 } + [1, 2]
                let (values, error) = await results(of: pool.map(Functions.evenOnly, inputs))
                #expect(values == (0..<count).map { 2 * $0 })
                #expect(
                    error as? ProcessPoolError
                        == .taskFailed(WorkerFailure(type: "OddNumber", message: "1 is odd"))
                )
            }
        }
    }

    @Test func crashInTheMiddleComesInItsPlace() async throws {
        try await withTestPool { pool async throws in
            for try await _ in pool.map(Functions.double, 0..<500) {}
            let ways = [String](repeating: "live", count: 300) + ["segv"] + ["live"]
            let (values, error) = await results(of: pool.map(Functions.die, ways))
            #expect(values.count == 300)
            #expect((error as? ProcessPoolError)?.death != nil)
        }
    }

    @Test(arguments: [true, false])
    func shutdownThatCancelsEndsAMap(isOrdered: Bool) async throws {
        let pool = testPool(1)
        let inputs = repeatElement(20, count: 10_000)
        let map = isOrdered ? pool.map(Functions.nap, inputs) : pool.mapUnordered(Functions.nap, inputs)
        let task = OwnThread.task { await results(of: map) }
        while pool.statistics.finishedTasks == 0 { try await Task.sleep(for: .milliseconds(1)) }
        await pool.shutdown(cancelPending: true)
        let error = try await task.value.error
        // If tasks of the map waited, they were cancelled. Otherwise the next task of the map was refused.
        #expect(error is CancellationError || error as? ProcessPoolError == .poolClosed)
    }

    @Test func mapEndsWithThePoolThatIsKilled() async throws {
        let pool = testPool(2)
        let task = OwnThread.task {
            await results(of: pool.map(Functions.nap, repeatElement(20, count: 10_000)))
        }
        while pool.statistics.finishedTasks == 0 { try await Task.sleep(for: .milliseconds(1)) }
        pool.killWorkers()
        #expect(try await task.value.error != nil)
        await pool.shutdown()
    }

    @Test func mapsOfOnePoolGoOnAtTheSameTime() async throws {
        try await withTestPool { pool async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for start in 0..<4 {
                    group.addTask {
                        var sum = 0
                        for try await double in pool.map(Functions.double, start..<start + 5_000) {
                            sum += double
                        }
                        return sum - 2 * (start..<start + 5_000).reduce(0, +)
                    }
                }
                group.addTask {
                    // The consumer of this map stops early.
                    for try await double in pool.map(Functions.double, 0...) { if double == 2_000 { break } }
                    return 0
                }
                for try await difference in group { #expect(difference == 0) }
            }
            #expect(try await pool.submit(Functions.double, 1).value == 2)
        }
    }

    @Test func abandonedMapsDoNotHoldUpOtherTasks() async throws {
        try await withTestPool(1) { pool async throws in
            for _ in 0..<50 {
                var map = pool.map(Functions.nap, repeatElement(1, count: 1_000)).makeAsyncIterator()
                _ = try await map.next()
            }
            #expect(try await pool.submit(Functions.double, 1).result(timeout: .seconds(60)) == 2)
        }
    }

    @Test func slowConsumerDoesNotKeepAWorkerWaiting() async throws {
        try await withTestPool(1) { pool async throws in
            var map = pool.map(Functions.process, 0..<100, bufferSize: 4).makeAsyncIterator()
            _ = try await map.next()
            // The iterator submitted four tasks when it was created. The worker does all four tasks without
            // another call of `next()`.
            for _ in 0..<12_000 where pool.statistics.finishedTasks < 4 {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(pool.statistics.finishedTasks >= 4)
        }
    }
}
