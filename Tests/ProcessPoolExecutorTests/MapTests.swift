// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import ProcessPool
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the order, the errors, and the inputs taken ahead in `map` and `mapUnordered`.
@Suite(.ownThread) struct MapTests {
    /// An endless sequence that counts the elements taken from it.
    private final class Counted: Sequence, IteratorProtocol {
        private(set) var taken = 0
        func next() -> Int? {
            taken += 1
            return taken
        }
    }

    private struct InputFault: Error {}

    private func stream(of count: Int, fails: Bool = false) -> AsyncThrowingStream<Int, any Error> {
        AsyncThrowingStream { continuation in
            for number in 0..<count { continuation.yield(number) }
            continuation.finish(throwing: fails ? InputFault() : nil)
        }
    }

    @Test func resultsComeInTheOrderOfTheInputs() async throws {
        try await withTestPool(3) { pool async throws in
            var next = 0
            for try await double in pool.map(Functions.double, 0..<10_000) {
                guard double == 2 * next else {
                    Issue.record("\(double) at \(next)")
                    return
                }
                next += 1
            }
            #expect(next == 10_000)
            next = 0
            for try await double in pool.map(Functions.double, stream(of: 1_000)) {
                #expect(double == 2 * next)
                next += 1
            }
            #expect(next == 1_000)
        }
    }

    @Test func unorderedResultsDoNotWaitForASlowTask() async throws {
        try await withTestPool(2) { pool async throws in
            var doubles: [Int] = []
            for try await double in pool.mapUnordered(Functions.double, 0..<10_000) { doubles.append(double) }
            #expect(doubles.sorted() == (0..<10_000).map { 2 * $0 })
            doubles = []
            for try await double in pool.mapUnordered(Functions.double, stream(of: 500)) {
                doubles.append(double)
            }
            #expect(doubles.sorted() == (0..<500).map { 2 * $0 })
            // The first task ends only after the results of the other tasks have come.
            let folder = TestFolder()
            let paths = [folder.file("gate")] + repeatElement(folder.path, count: 3)
            var processes: [Int] = []
            for try await process in pool.mapUnordered(Functions.waitForFile, paths) {
                processes.append(process)
                if processes.count == 3 { try folder.write("", to: "gate") }
            }
            try #require(processes.count == 4)
            #expect(!processes.dropLast().contains(processes[3]), "a fast task waited for the slow one")
        }
    }

    @Test func afterAnErrorOfTheInputTheIterationIsOver() async throws {
        try await withTestPool { pool async throws in
            var map = pool.map(Functions.double, stream(of: 3, fails: true)).makeAsyncIterator()
            var (values, errors): ([Int], Int) = ([], 0)
            do {
                while let value = try await map.next() { values.append(value) }
            } catch {
                errors += 1
            }
            #expect(values == [0, 2, 4])
            #expect(errors == 1)
            #expect(try await map.next() == nil)
        }
    }

    /// The input may end while the map looks for results.
    @Test func noResultIsLostAtTheEndOfAnAsynchronousInput() async throws {
        try await withTestPool(1) { pool async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<Sanitizer.rounds(1_000) {
                            var count = 0
                            for try await _ in pool.map(Functions.double, stream(of: 2)) { count += 1 }
                            try #require(count == 2)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func emptyInputGivesNothing() async throws {
        try await withTestPool { pool async throws in
            for try await _ in pool.map(Functions.double, []) { Issue.record("there is a result") }
            for try await _ in pool.mapUnordered(Functions.double, stream(of: 0)) { Issue.record("a result") }
            #expect(pool.statistics.startedWorkers == 0)
        }
    }

    @Test(arguments: [nil, 3])
    func errorComesInItsPlaceAndEndsTheMap(bufferSize: Int?) async throws {
        try await withTestPool { pool async throws in
            var numbers: [Int] = []
            var map = pool.map(Functions.evenOnly, [0, 2, 4, 5, 6], bufferSize: bufferSize)
                .makeAsyncIterator()
            let thrown = await error {
                while let number = try await map.next() { numbers.append(number) }
            }
            #expect(numbers == [0, 2, 4])
            #expect(
                thrown as? ProcessPoolError
                    == .taskFailed(WorkerFailure(type: "OddNumber", message: "5 is odd"))
            )
            #expect((try? await map.next()) == .some(nil), "the map is over")
        }
    }

    @Test func onlyTheBufferIsTakenAhead() async throws {
        try await withTestPool { pool async throws in
            let inputs = Counted()
            var map = pool.map(Functions.double, inputs, bufferSize: 5).makeAsyncIterator()
            #expect(inputs.taken == 5)
            for number in 1...20 {
                #expect(try await map.next() == 2 * number)
                #expect(inputs.taken <= number + 5)
            }
        }
    }

    @Test func bufferMayBeAsLargeAsANumberCanBe() async throws {
        try await withTestPool { pool async throws in
            var doubles: [Int] = []
            for try await double in pool.map(Functions.double, [1, 2], bufferSize: .max) {
                doubles.append(double)
            }
            for try await double in pool.mapUnordered(Functions.double, [3], bufferSize: .max) {
                doubles.append(double)
            }
            for try await double in pool.map(Functions.double, stream(of: 2), bufferSize: .max) {
                doubles.append(double)
            }
            #expect(doubles == [2, 4, 6, 0, 2])
        }
    }

    @Test func slowTasksAreNotTakenFarAhead() async throws {
        // The pool has only one worker. If one of two workers got no CPU core, the map would take more inputs
        // for the other worker.
        try await withTestPool(1) { pool async throws in
            let inputs = Counted()
            var map = pool.map(Functions.nap, inputs.lazy.map { _ in 20 }).makeAsyncIterator()
            for _ in 0..<20 { _ = try await map.next() }
            #expect(inputs.taken <= 20 + 64)
        }
    }

    /// At first, 8 inputs are taken ahead for two workers.
    @Test(arguments: [true, false])
    func otherWorkersGoOnWhileTheFirstTaskRuns(isAsync: Bool) async throws {
        try await withTestPool(2) { pool async throws in
            let ways = ["hang"] + repeatElement("live", count: 1_000)
            let consumer = OwnThread.task {
                if isAsync {
                    let stream = AsyncStream { continuation in
                        for way in ways { continuation.yield(way) }
                        continuation.finish()
                    }
                    for try await _ in pool.map(Functions.die, stream) {}
                } else {
                    for try await _ in pool.map(Functions.die, ways) {}
                }
            }
            let deadline = ContinuousClock().now + .seconds(150)
            while pool.statistics.finishedTasks < 500, ContinuousClock().now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(pool.statistics.finishedTasks >= 500)
            consumer.cancel()
            #expect(await error { try await consumer.value } is CancellationError)
        }
    }

    @Test func endlessInputEndsWithItsConsumer() async throws {
        try await withTestPool { pool async throws in
            var sum = 0
            for try await double in pool.map(Functions.double, 0...) {
                sum += double
                if double == 1_998 { break }
            }
            #expect(sum == 999_000)
            for try await double in pool.mapUnordered(Functions.double, stream(of: 100_000), bufferSize: 10) {
                if double > 100 { break }
            }
            #expect(try await pool.submit(Functions.double, 1).value == 2)
        }
    }

    @Test func errorOfTheInputComesAfterTheResultsBeforeIt() async throws {
        try await withTestPool { pool async throws in
            var count = 0
            let thrown = await error {
                for try await _ in pool.map(Functions.double, stream(of: 10, fails: true)) { count += 1 }
            }
            #expect(thrown is InputFault)
            #expect(count == 10)
        }
    }

    @Test func mapAfterTheShutdownFails() async throws {
        let pool = testPool()
        await pool.shutdown()
        let thrown = await error {
            for try await _ in pool.map(Functions.double, 0..<10) {}
        }
        #expect(thrown as? ProcessPoolError == .poolClosed)
    }

    @Test func cancelledSwiftTaskEndsItsMap() async throws {
        try await withTestPool { pool async throws in
            for isOrdered in [true, false] {
                let task = OwnThread.task {
                    let inputs = repeatElement("hang", count: 100)
                    let map =
                        isOrdered ? pool.map(Functions.die, inputs) : pool.mapUnordered(Functions.die, inputs)
                    for try await _ in map {}
                }
                try await Task.sleep(for: .milliseconds(100))
                task.cancel()
                #expect(await error { try await task.value } is CancellationError)
            }
            #expect(try await pool.submit(Functions.double, 1).value == 2)
        }
    }

    /// Returns a map of a pool; only the map refers to the pool.
    private func doubles(isOrdered: Bool) -> PoolMap<ClosedRange<Int>, Int> {
        let pool = testPool()
        return isOrdered ? pool.map(Functions.double, 1...3) : pool.mapUnordered(Functions.double, 1...3)
    }

    private struct Numbers: AsyncSequence, AsyncIteratorProtocol, Sendable {
        var next = 1
        /// True if the sequence waits for ten minutes after the third number before it ends.
        let isEndless: Bool

        func makeAsyncIterator() -> Self { self }

        mutating func next() async -> Int? {
            guard next <= 3 else {
                if isEndless { try? await Task.sleep(for: .seconds(600)) }
                return nil
            }
            defer { next += 1 }
            return next
        }
    }

    @Test(arguments: [true, false])
    func mapKeepsItsPool(isOrdered: Bool) async throws {
        var results: Set<Int> = []
        for try await double in doubles(isOrdered: isOrdered) { results.insert(double) }
        #expect(results == [2, 4, 6])
        var count = 0
        for try await _ in testPool().map(Functions.double, Numbers(isEndless: false)) { count += 1 }
        #expect(count == 3)
    }

    /// The pool is also released if the source of the inputs does not end.
    @Test(arguments: [true, false])
    func mapThatIsOverKeepsNoPool(isAsync: Bool) async throws {
        weak var last: ProcessPoolExecutor?
        for takesAll in [false, true] {
            do {
                let pool = testPool()
                last = pool
                if isAsync {
                    let numbers = Numbers(isEndless: !takesAll)
                    for try await _ in pool.map(Functions.double, numbers) where !takesAll { break }
                } else {
                    for try await _ in pool.map(Functions.double, 1...3) where !takesAll { break }
                }
            }
            #expect(last == nil)
        }
    }
}
