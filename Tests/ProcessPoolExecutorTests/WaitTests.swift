// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import TestFolders
import TestThreads
import Testing

@testable import ProcessPool

/// Tests of `wait` and `asCompleted` of `ProcessPoolExecutor`.
@Suite(.ownThread) struct WaitTests {
    @Test func waitEndsWithTheFirstCompleted() async throws {
        try await withTestPool { pool async throws in
            let (slow, fast) = (pool.submit(Functions.die, "hang"), pool.submit(Functions.die, "live"))
            let result = await pool.wait([slow, fast], for: .firstCompleted)
            #expect(result.done == [fast])
            #expect(result.notDone == [slow])
            #expect(await pool.wait([slow, fast], for: .firstCompleted).done == [fast], "one task has ended")
            slow.cancel()
        }
    }

    @Test func waitEndsWithTheFirstError() async throws {
        try await withTestPool(3) { pool async throws in
            let hanging = pool.submit(Functions.die, "hang")
            let good = pool.submit(Functions.evenOnly, 2)
            let bad = pool.submit(Functions.evenOnly, 1)
            let result = await pool.wait([hanging, good, bad], for: .firstError)
            #expect(result.done.contains(bad))
            #expect(result.notDone.contains(hanging))
            #expect(await pool.wait([good], for: .firstError).done == [good], "no error, so all tasks end")
            pool.killWorkers()
        }
    }

    @Test func waitForAllCountsErrorsAndCancellations() async throws {
        try await withTestPool(1) { pool async throws in
            let futures = (0..<4).map { pool.submit(Functions.evenOnly, $0) }
            futures[3].cancel()
            let result = await pool.wait(futures + futures)
            #expect(result.done == Set(futures))
            #expect(result.notDone.isEmpty)
            let none: [PoolFuture<Int>] = []
            #expect(await pool.wait(none).done.isEmpty)
            #expect(await pool.wait(none, for: .firstCompleted).done.isEmpty)
        }
    }

    @Test func waitReturnsWhenItsTimeIsOver() async throws {
        try await withTestPool(1) { pool async throws in
            let (fast, slow) = (pool.submit(Functions.die, "live"), pool.submit(Functions.die, "hang"))
            _ = await pool.wait([fast])
            for timeout in [Duration.zero, .milliseconds(50)] {
                let result = await pool.wait([fast, slow], timeout: timeout)
                #expect(result.done == [fast])
                #expect(result.notDone == [slow])
            }
            pool.killWorkers()
        }
    }

    @Test func completedFuturesComeOnceInTheOrderOfTheirEnds() async throws {
        let folder = TestFolder()
        try await withTestPool(2) { pool async throws in
            let slow = pool.submit(Functions.waitForFile, folder.file("gate"))
            let fast = pool.submit(Functions.nap, 1)
            let done = pool.submit(Functions.nap, 1)
            _ = try await done.value
            var order: [PoolFuture<Int>] = []
            for try await future in pool.asCompleted([slow, done, slow, fast]) {
                order.append(future)
                if order.count == 2 { try folder.write("", to: "gate") }
            }
            #expect(order == [done, fast, slow])
            let none: [PoolFuture<Int>] = []
            for try await _ in pool.asCompleted(none) { Issue.record("there is a future") }
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(100)])
    func completedFuturesEndWithTheirTime(timeout: Duration) async throws {
        try await withTestPool(1) { pool async throws in
            let done = pool.submit(Functions.die, "live")
            _ = try await done.value
            let hanging = pool.submit(Functions.die, "hang")
            var seen: [PoolFuture<Int>] = []
            let thrown = await error {
                for try await future in pool.asCompleted([hanging, done], timeout: timeout) {
                    seen.append(future)
                }
            }
            #expect(thrown as? ProcessPoolError == .timedOut(timeout))
            #expect(seen == [done])
            #expect(!hanging.isDone)
            pool.killWorkers()
        }
    }

    @Test func futuresOfSeveralPoolsCanBeWaitedForTogether() async throws {
        try await withTestPool(1) { one async throws in
            try await withTestPool(1) { two async throws in
                let futures = (0..<20).map { ($0 % 2 == 0 ? one : two).submit(Functions.double, $0) }
                var sum = 0
                for try await future in one.asCompleted(futures) { sum += try await future.value }
                #expect(sum == 380)
                #expect(await two.wait(futures).done.count == 20)
            }
        }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(Int64.max) * 18])
    func aTimeoutMayBeNearlyTheLongestDuration(timeout: Duration) async throws {
        try await withTestPool(1) { pool async throws in
            let naps = (0..<3).map { _ in pool.submit(Functions.nap, 100) }
            _ = try await naps[0].result(timeout: timeout)
            #expect(await pool.wait(naps.prefix(2), timeout: timeout).notDone.isEmpty)
            var ended = 0
            for try await _ in pool.asCompleted(naps, timeout: timeout) { ended += 1 }
            #expect(ended == 3)
        }
    }

    @Test func waitsThatAreOverLeaveNoWaiterInTheFuture() async throws {
        try await withTestPool(1) { pool async throws in
            let hanging = pool.submit(Functions.die, "hang")
            for _ in 0..<20 {
                _ = await pool.wait([hanging], timeout: .milliseconds(1))
                _ = await error { try await hanging.result(timeout: .milliseconds(1)) }
                _ = await error {
                    for try await _ in pool.asCompleted([hanging], timeout: .milliseconds(1)) {}
                }
            }
            #expect(hanging.raw.core.locked { hanging.raw.waiters.count } == 0)
            pool.killWorkers()
        }
    }

    /// The end of each future is handled once, so the time does not grow with the square of the number of
    /// futures.
    @Test func manyFuturesCanBeWaitedFor() async throws {
        try await withTestPool(1) { pool async throws in
            let futures = (0..<20_000).map { pool.submit(Functions.double, $0) }
            let first = await pool.wait(futures, for: .firstCompleted)
            #expect(!first.done.isEmpty)
            #expect(await pool.wait(futures, for: .firstError).done.count == futures.count)
            #expect(await pool.wait(futures).notDone.isEmpty)
        }
    }

    /// CPython's `as_completed` keeps no future that it has yielded either (bpo-27144).
    @Test func asCompletedKeepsNoFutureThatItHasReturned() async throws {
        final class Reference { weak var raw: RawFuture? }
        /// Takes the next future, and keeps only a weak reference to it.
        func take(_ iterator: inout CompletedFutures<Int>.Iterator) async throws -> Reference {
            let reference = Reference()
            reference.raw = try await iterator.next()?.raw
            return reference
        }
        try await withTestPool { pool async throws in
            var iterator = pool.asCompleted((0..<3).map { pool.submit(Functions.double, $0) })
                .makeAsyncIterator()
            for _ in 0..<3 {
                let reference = try await take(&iterator)
                // The pool's thread may hold the future for a moment.
                for _ in 0..<1_000 where reference.raw != nil {
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(reference.raw == nil)
            }
        }
    }
}
