// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of the pace (the measured time per task), and of `PoolState.workAhead`.
struct PoolStatePaceTests {
    /// Returns a pool whose workers have finished many tasks; most took a few microseconds each.
    ///
    /// `nextToken` is the first unused token.
    private func busyPool(workers: Int = 1) -> (PoolScript, nextToken: Int) {
        var pool = PoolScript(workers: workers)
        var next = 1
        for _ in 0..<20 {
            let tokens = next..<next + min(pool.state.wanted(at: pool.now), 300)
            for token in tokens { pool.submit(token) }
            pool.advance(nanoseconds: 1_000_000)
            for token in tokens { pool.complete(token) }
            next = tokens.upperBound
        }
        return (pool, next)
    }

    @Test func oneWaitForACoreDoesNotMakeTheWindowSmall() {
        var (pool, next) = busyPool()
        let window = pool.state.window(of: pool.worker(0))
        #expect(window > 1_000)
        pool.submit(next)
        pool.advance(nanoseconds: 5_000_000)
        pool.complete(next)
        #expect(pool.state.window(of: pool.worker(0)) > window / 8)
    }

    @Test func threeSlowTasksMakeTheWindowSmall() {
        var (pool, next) = busyPool()
        for token in next..<next + 3 {
            pool.submit(token)
            pool.advance(nanoseconds: 50_000_000)
            pool.complete(token)
        }
        #expect(pool.state.window(of: pool.worker(0)) <= 3)
    }

    @Test func workIsAheadWhileEachWorkerHasWaitingTasks() {
        var (pool, next) = busyPool(workers: 2)
        #expect(pool.state.workAhead == 0)
        pool.submit(next, next + 1)
        #expect(pool.state.workAhead == 0)
        for token in next + 2..<next + 402 { pool.submit(token) }
        #expect(pool.state.workAhead > 0)
        pool.die(0)
        #expect(pool.state.workAhead == 0, "a worker is starting")
    }

    @Test func noWorkIsAheadIfNoTaskIsSentAhead() {
        var pool = PoolScript(concurrency: 4) { $0.sendsAhead = false }
        for token in 1...20 {
            pool.submit(token)
            pool.advance(milliseconds: 1)
            pool.complete(token)
        }
        pool.submit(21, 22, 23, 24, 25, 26)
        #expect(pool.state.workAhead == 0)
    }
}
