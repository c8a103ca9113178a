// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of lines that are not messages, of results that the pool must not accept, of an excessive
/// concurrency, and of workers that do not read.
@Suite struct PoolStateGarbageTests {
    /// Returns a pool whose worker holds the tasks 1, 2 and 3; by default, the worker is sequential.
    private func pool(concurrency: Int = 1) -> PoolScript {
        var pool = PoolScript(concurrency: concurrency)
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        pool.submit(1, 2, 3)
        return pool
    }

    @Test func strayLinesEndNoTaskAndNoWorker() {
        var pool = pool()
        pool.flood(lines: 99_999)
        #expect(pool.terminated.isEmpty && pool.ends.isEmpty)
        #expect(pool.complete(1) == 1)
        pool.flood(lines: 99_999)
        #expect(pool.terminated.isEmpty, "a result resets the count of lines")
    }

    @Test func taskDuringAFloodOfLinesIsRetriedOnce() {
        var pool = pool()
        pool.flood(lines: 100_000)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        #expect(pool.triedAgain.map(\.token) == [1])
        pool.hello(0)
        pool.settle()
        pool.flood(lines: 100_000)
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .brokeProtocol("", nil)])
        #expect(pool.complaints[1]?.contains("100000 lines") == true)
    }

    @Test func tooManyBytesWithoutAResultEndTheWorker() {
        var pool = pool()
        let line = UnusableLine(shown: "x", reason: "not JSON", bytes: 16 << 20)
        for _ in 1...4 { pool.feed(.garbage(pool.worker(0), line)) }
        #expect(pool.terminated.isEmpty)
        pool.feed(.garbage(pool.worker(0), line))
        #expect(pool.terminated == [0])
    }

    @Test func resultThatIsNotJSONFailsOnlyItsTask() {
        var pool = pool()
        pool.print("{\"seq\":1,\"result\":NaN}", naming: 1)
        #expect(pool.ends == [1: .brokeProtocol("", nil)])
        #expect(pool.complaints[1]?.contains("NaN") == true)
        #expect(pool.terminated.isEmpty)
        #expect(pool.complete(2) == 2)
    }

    @Test func firstLineOfASilentWorkerMayBeAnUnusableResult() {
        var pool = PoolScript(greet: false)
        pool.submit(1)
        pool.print("{'seq': 1}", naming: 1)
        #expect(pool.ends == [1: .brokeProtocol("", nil)])
        pool.submit(2)
        pool.die(0)
        #expect(pool.triedAgain.map(\.token) == [2], "the command has shown that it can start")
    }

    @Test func lineWithoutANumberEndsTheOldestTaskAfterTheResultOfALaterTask() {
        var pool = pool()
        pool.print("}")
        #expect(pool.ends.isEmpty)
        #expect(pool.complete(2) == 2)
        #expect(pool.ends == [1: .brokeProtocol("", nil)])
        #expect(pool.complaints[1]?.contains("'}'") == true)
    }

    @Test func resultOfALaterTaskIsIgnoredIfTheWorkerPrintedNothingElse() {
        var pool = pool()
        #expect(pool.complete(2) == nil)
        #expect(pool.ends.isEmpty)
        #expect(pool.complete(1) == 1)
        #expect(pool.complete(2) == 2)
    }

    @Test func concurrentWorkerMaySendResultsInAnyOrder() {
        var pool = pool(concurrency: 4)
        #expect(pool.complete(3) == 3)
        #expect(pool.complete(1) == 1)
    }

    @Test func unusableResultOfAConcurrentWorkerEndsTheNamedTask() {
        var pool = pool(concurrency: 4)
        pool.print("{\"seq\":2,", naming: 2)
        #expect(pool.ends == [2: .brokeProtocol("", nil)])
        #expect(pool.complete(1) == 1)
    }

    @Test func overlongResultEndsTheOldestTaskAtOnce() {
        var pool = pool()
        let line = UnusableLine(
            shown: "{\"result\":",
            reason: "too long",
            bytes: 1,
            isResultLike: true,
            isTooLong: true
        )
        pool.feed(.garbage(pool.worker(0), line))
        #expect(pool.ends == [1: .brokeProtocol("", nil)])
    }

    @Test func announcedConcurrencyIsLimited() {
        var pool = PoolScript(concurrency: 1 << 40)
        #expect(pool.state.wanted(at: pool.now) == 10_000)
        pool.submit(1)
    }

    @Test func workerThatReadsNothingGetsNoMoreTasks() {
        var pool = PoolScript(concurrency: 8)
        pool.submit(1)
        pool.stuff(0, true)
        pool.submit(2)
        #expect(pool.sent.map(\.token) == [1])
        pool.stuff(0, false)
        #expect(pool.sent.map(\.token) == [1, 2])
    }

    @Test func anotherWorkerIsStartedIfTheIdleOneReadsNothing() {
        var pool = PoolScript(workers: 2, concurrency: 8, greet: false) { $0.startsAll = false }
        pool.submit(1)
        pool.hello(0, concurrency: 8)
        pool.settle()
        pool.feed(.cancelled(tokens: [1], grace: 100))
        pool.stuff(0, true)
        pool.advance(milliseconds: 100)
        #expect(pool.ends == [1: .cancelled])
        #expect(pool.spawns == 1)
        pool.submit(2)
        #expect(pool.spawns == 2)
    }
}
