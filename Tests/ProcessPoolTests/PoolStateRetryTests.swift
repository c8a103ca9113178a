// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of retries, of workers that use too much memory, and of workers that reach their task limit.
@Suite struct PoolStateRetryTests {
    private let segfault = TaskEnd.crashed(WorkerExit(signal: 11))

    @Test func blamedTaskIsRetriedAsTheFirstTaskOfANewWorker() {
        var pool = PoolScript(workers: 2)
        pool.submit(1, 2)
        pool.submit(3)
        pool.advance(milliseconds: 7)
        let slot = pool.sent.first { $0.token == 1 }?.slot ?? -1
        pool.die(slot)
        #expect(pool.triedAgain.map(\.token) == [1])
        #expect(pool.triedAgain.map(\.milliseconds) == [7])
        #expect(pool.spawnsForRetry == [pool.worker(slot)])
        #expect(pool.sent.last == .init(slot: slot, token: 1, seq: pool.seq(of: 1), attempt: 2))
    }

    @Test func retryGetsANewWorkerEvenWhileThePoolDrains() {
        var pool = PoolScript(workers: 2)
        pool.submit(1)
        pool.feed(.drain)
        let slot = pool.sent.last?.slot ?? -1
        pool.die(slot)
        #expect(pool.sent.last?.slot == slot)
        #expect(pool.sent.last?.attempt == 2)
        pool.hello(slot)
        pool.complete(1)
        #expect(pool.drained == [0, 1])
    }

    @Test(arguments: 0...5) func taskIsRetriedAsOftenAsAllowed(retries: Int) {
        var pool = PoolScript { $0.crashRetries = retries }
        pool.submit(1)
        for tried in 0...retries {
            #expect(pool.ends.isEmpty)
            #expect(pool.sent.last?.attempt == tried + 1)
            pool.die(0)
            if tried < retries { pool.hello(0) }
            pool.settle()
        }
        #expect(pool.ends == [1: segfault])
        #expect(pool.triedAgain.count == retries)
    }

    @Test func retryIsRequeuedUnblamedIfItsWorkerFailsToStart() {
        var pool = PoolScript()
        pool.submit(1)
        pool.die(0)
        #expect(pool.sent.last?.attempt == 2)
        pool.die(0, signal: nil, status: 127)
        #expect(pool.ends.isEmpty)
        pool.advance(milliseconds: 50)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.attempt == 2)
        pool.complete(1)
        #expect(pool.completed == [1])
    }

    @Test func taskOfAWorkerWithTooMuchMemoryIsBlamed() {
        var pool = PoolScript { $0.crashRetries = 0 }
        pool.submit(1)
        pool.feed(.outgrew(pool.worker(0)))
        #expect(pool.killed == [0])
        pool.die(0, signal: 9)
        #expect(pool.ends == [1: .crashed(WorkerExit(signal: 9, isOutOfMemory: true))])
    }

    @Test func firstDeathOfAConcurrentWorkerByTooMuchMemoryEndsNoTask() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1, 2)
        pool.feed(.outgrew(pool.worker(0)))
        pool.die(0, signal: 9)
        #expect(pool.ends.isEmpty)
    }

    @Test func workerIsReplacedAfterItsTaskLimit() {
        var pool = PoolScript { $0.tasksPerLife = 3 }
        pool.submit(1, 2, 3, 4)
        for token in 1...3 {
            pool.advance(milliseconds: 1)
            pool.complete(token)
        }
        #expect(pool.sent.map(\.token) == [1, 2, 3])
        #expect(pool.drained == [0])
        pool.feed(.bye(pool.worker(0)))
        pool.die(0, signal: nil, status: 0)
        #expect(pool.spawns == 2)
        #expect(pool.state.restarts == 0, "the pool told the worker to exit")
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.token == 4)
    }

    @Test func returnedTaskDoesNotCountForTheTaskLimit() {
        var pool = PoolScript { $0.tasksPerLife = 3 }
        pool.submit(1)
        pool.advance(milliseconds: 1)
        pool.complete(1)
        pool.submit(2, 3)
        pool.advance(milliseconds: 101)
        #expect(pool.recalls == [0: 1])
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 3)))
        pool.complete(2)
        #expect(pool.drained.isEmpty)
        #expect(pool.tokens(sentTo: 0) == [1, 2, 3, 3])
        pool.complete(3)
        #expect(pool.drained == [0])
    }

    @Test func drainingPoolStartsNoReplacement() {
        var pool = PoolScript { $0.tasksPerLife = 1 }
        pool.submit(1)
        pool.feed(.drain)
        pool.complete(1)
        pool.die(0, signal: nil, status: 0)
        #expect(pool.end == .drained)
        #expect(pool.spawns == 1)
    }

    @Test func workerThatDoesNotExitAfterItsTaskLimitIsEnded() {
        var pool = PoolScript { $0.tasksPerLife = 1 }
        pool.submit(1)
        pool.complete(1)
        pool.advance(milliseconds: 5_000)
        #expect(pool.terminated == [0])
    }
}
