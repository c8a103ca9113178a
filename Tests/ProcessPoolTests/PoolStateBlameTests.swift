// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of the decision which task is blamed for the death of a worker.
///
/// A suspect is a task against which at least two deaths of workers count.
@Suite struct PoolStateBlameTests {
    private let segfault = TaskEnd.crashed(WorkerExit(signal: 11))

    /// Returns a pool that has done one cheap task, so that a worker may hold several tasks.
    private func warmPool(workers: Int = 1) -> PoolScript {
        var pool = PoolScript(workers: workers)
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        return pool
    }

    @Test func deathOfASequentialWorkerIsBlamedOnlyOnItsOldestTask() {
        var pool = warmPool()
        pool.submit(1, 2, 3)
        #expect(pool.tokens(sentTo: 0).suffix(3) == [1, 2, 3])
        pool.die(0)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.suffix(3).map(\.token) == [1, 2, 3])
        #expect(pool.sent.suffix(3).map(\.attempt) == [2, 1, 1])
        pool.die(0)
        #expect(pool.ends == [1: segfault])
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.suffix(2).map(\.token) == [2, 3])
        #expect(pool.sent.suffix(2).map(\.attempt) == [1, 1])
    }

    @Test func taskWithAResultIsNotBlamed() {
        var pool = warmPool()
        pool.submit(1, 2)
        pool.complete(1)
        pool.die(0)
        pool.hello(0)
        pool.settle()
        pool.die(0)
        #expect(pool.ends == [2: segfault])
        #expect(pool.completed == [900, 1])
    }

    @Test func unrepeatableTaskIsNotRetried() {
        var pool = warmPool()
        pool.submit(1, mayRepeat: false)
        pool.die(0)
        #expect(pool.ends == [1: segfault])
    }

    @Test func exitWithStatusZeroDuringATaskIsADeath() {
        var pool = PoolScript { $0.crashRetries = 0 }
        pool.submit(1)
        pool.die(0, signal: nil, status: 0)
        #expect(pool.ends == [1: .crashed(WorkerExit())])
    }

    @Test func oneDeathOfAConcurrentWorkerIsBlamedOnNoTask() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1, 2, 3)
        pool.die(0)
        pool.hello(0, concurrency: 4)
        pool.settle()
        #expect(pool.ends.isEmpty)
        #expect(pool.sent.suffix(3).map(\.token) == [1, 2, 3])
        #expect(pool.sent.suffix(3).map(\.attempt) == [1, 1, 1])
    }

    @Test func taskWithTwoDeathsIsRetriedAlone() {
        var pool = PoolScript(workers: 2, concurrency: 4)
        pool.submit(1)
        let culpritSlot = pool.sent.last?.slot ?? -1
        for _ in 1...2 {
            let slot = pool.sent.last { $0.token == 1 }?.slot ?? -1
            pool.die(slot)
            pool.hello(slot, concurrency: 4)
            pool.settle()
        }
        #expect(culpritSlot >= 0)
        // The task is retried alone now, so the next tasks go to the other worker.
        let aloneOn = pool.sent.last { $0.token == 1 }?.slot ?? -1
        #expect(pool.sent.filter { $0.token == 1 }.count == 3)
        pool.submit(2, 3)
        let others = pool.sent.filter { $0.token == 2 || $0.token == 3 }
        #expect(others.count == 2 && others.allSatisfy { $0.slot != aloneOn })
        pool.die(aloneOn)
        #expect(pool.ends == [1: segfault])
    }

    @Test func workerGetsOtherTasksAfterTheSuspectsHaveSucceeded() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1, 2)
        for _ in 1...2 {
            pool.die(0)
            pool.hello(0, concurrency: 4)
            pool.settle()
        }
        #expect(pool.sent.last?.token == 1)
        pool.submit(3)
        #expect(pool.complete(1) == 1)
        #expect(pool.sent.last?.token == 2, "the second suspect is also retried alone")
        #expect(pool.complete(2) == 2)
        #expect(pool.sent.last?.token == 3)
        #expect(pool.ends.isEmpty)
    }

    @Test func busyWorkerGetsTasksAgainAfterTheSuspectItWasReservedForIsGone() {
        var pool = PoolScript(workers: 2, concurrency: 4)
        pool.submit(1, 2)
        pool.die(0)
        pool.hello(0, concurrency: 4)
        pool.submit(3)
        #expect(pool.tokens(sentTo: 0) == [1, 3])
        #expect(pool.tokens(sentTo: 1) == [2, 1])
        pool.die(1)
        #expect(pool.tokens(sentTo: 1) == [2, 1, 1], "the new worker is reserved for the suspect")
        pool.feed(.spawnFailed(pool.worker(1), isHopeless: false))
        pool.settle()
        pool.submit(4)
        #expect(pool.tokens(sentTo: 0) == [1, 3, 2], "worker 0 is reserved, so task 4 waits")
        pool.feed(.cancelled(tokens: [1], grace: 100))
        pool.settle()
        #expect(pool.tokens(sentTo: 0).last == 4)
    }

    @Test func startedUnrepeatableTaskEndsWithItsWorker() {
        var pool = PoolScript(concurrency: 4, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1, 2, mayRepeat: false)
        pool.submit(3)
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        pool.die(0)
        pool.hello(0, concurrency: 4, name: "ours")
        pool.settle()
        #expect(pool.ends == [1: segfault], "the request of the started task may have been sent")
        #expect(pool.sent.suffix(2).map(\.token) == [2, 3], "the tasks that have not begun are requeued")
    }

    @Test func unrepeatableTaskOfAnUntrustedWorkerIsNotRetried() {
        var pool = PoolScript(concurrency: 4, name: "theirs") { $0.trustedNames = ["ours"] }
        pool.submit(1, mayRepeat: false)
        pool.die(0)
        #expect(pool.ends == [1: segfault])
    }

    @Test(arguments: [1, 3, 50]) func eachOfManyTasksThatKillWorkersEnds(count: Int) {
        var pool = PoolScript()
        for token in 1...count { pool.submit(token) }
        var deaths = 0
        while pool.ends.count < count, deaths < count * 3 {
            pool.die(0)
            pool.hello(0)
            pool.settle()
            deaths += 1
        }
        #expect(pool.ends.count == count)
        #expect(deaths == count * 2)
        #expect(pool.end == nil, "deaths after the `hello` are no failed starts")
    }

    @Test func startedUnrepeatableTaskIsNotRequeuedWhenItsWorkerExits() {
        var pool = PoolScript(concurrency: 4, name: "starter") { $0.trustedNames = ["starter"] }
        pool.submit(1, 2, mayRepeat: false)
        pool.submit(3)
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        pool.feed(.bye(pool.worker(0)))
        pool.die(0, signal: nil, status: 0)
        #expect(pool.ends == [1: .lost(WorkerExit())])
        pool.hello(0)
        pool.settle()
        #expect(Set(pool.sent.suffix(2).map(\.token)) == [2, 3])
    }

    @Test func closedOutputIsBlamedOnTheOldestTask() {
        var pool = warmPool()
        pool.submit(1, 2)
        pool.feed(.outputClosed(pool.worker(0)))
        pool.advance(milliseconds: 101)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.suffix(2).map(\.token) == [1, 2])
        #expect(pool.sent.suffix(2).map(\.attempt) == [2, 1])
        pool.feed(.outputClosed(pool.worker(0)))
        pool.advance(milliseconds: 101)
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .crashed(WorkerExit(signal: 15))])
    }

    @Test func workerOfAnotherVersionCountsAsAFailedStart() {
        var pool = PoolScript(greet: false)
        pool.submit(1)
        for pause in [50, 100, 200, 400, 800] {
            #expect(pool.end == nil)
            pool.feed(.refused(pool.worker(0), unread: 1))
            pool.die(0, signal: 15, unread: 1)
            pool.advance(milliseconds: pause)
        }
        #expect(pool.ends == [1: .unstartable(WorkerExit(signal: 15))])
    }
}
