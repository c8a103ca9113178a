// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of cancelled tasks, of idle workers, of terminated pools, and of pools whose workers begin tasks in
/// order.
@Suite struct PoolStateCancelTests {
    private let killed = WorkerExit(signal: 15)

    /// Returns a pool that has done one cheap task.
    ///
    /// After that, a worker can hold several tasks. If `crashRetries` is 0, a worker can hold several tasks
    /// only if `beginsInOrder` is true.
    private func warmPool(workers: Int = 1, _ change: (inout PoolOptions) -> Void = { _ in }) -> PoolScript {
        var pool = PoolScript(workers: workers, change)
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        return pool
    }

    private func cancel(_ tokens: Set<Int>, in pool: inout PoolScript) {
        pool.feed(.cancelled(tokens: tokens, grace: 100))
        pool.settle()
    }

    @Test func cancelledQueuedTaskEndsAtOnce() {
        var pool = PoolScript(workers: 1)
        pool.submit(1, 2, 3)
        #expect(pool.tokens(sentTo: 0) == [1])
        cancel([2], in: &pool)
        #expect(pool.ends == [2: .cancelled])
        pool.complete(1)
        #expect(pool.sent.last?.token == 3)
    }

    @Test func cancelledTaskEndsWhenItIsReturned() {
        var pool = warmPool()
        pool.submit(1, 2, 3)
        cancel([2, 3], in: &pool)
        #expect(pool.cancelled == [pool.seq(of: 2), pool.seq(of: 3)])
        #expect(pool.ends.isEmpty)
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 3)))
        pool.settle()
        #expect(pool.ends == [3: .cancelled])
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 2)))
        pool.settle()
        pool.complete(1)
        #expect(pool.ends == [2: .cancelled, 3: .cancelled])
        #expect(pool.state.unendedTasks == 0)
        #expect(pool.terminated.isEmpty)
    }

    @Test func workerThatWorksOnACancelledTaskIsEndedAfterTheGrace() {
        var pool = warmPool()
        pool.submit(1, 2)
        cancel([1], in: &pool)
        pool.advance(milliseconds: 99)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        #expect(pool.ends.isEmpty)
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .cancelled])
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.token == 2)
        #expect(pool.sent.last?.attempt == 1)
    }

    @Test("after the end of a cancelled task that its worker has not read, the pool takes a new task at once")
    func poolTakesANewTaskAfterAnUnreadCancelledTask() {
        var pool = PoolScript(workers: 1, greet: false) { ($0.startsAll, $0.beginsInOrder) = (false, true) }
        pool.submit(1)
        pool.clientHasMore(true)
        cancel([1], in: &pool)
        pool.advance(milliseconds: 4_000)
        pool.hello(0, unread: 1)
        pool.advance(milliseconds: 100)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15, unread: 1)
        #expect(pool.ends == [1: .cancelled])
        #expect(pool.state.nextWake() == pool.now)
        #expect(pool.state.wanted(at: pool.now) == 1)
    }

    @Test func poolTakesANewTaskWhenACancelledTaskOfAConcurrentWorkerHasEnded() {
        var pool = PoolScript(workers: 1, concurrency: 2)
        pool.submit(1)
        pool.submit(2)
        pool.clientHasMore(true)
        cancel([1], in: &pool)
        pool.advance(milliseconds: 100)
        #expect(pool.ends == [1: .cancelled])
        #expect(pool.state.nextWake() == pool.now)
        #expect(pool.state.wanted(at: pool.now) == 1)
    }

    @Test func laterWorkerOfASilentProgramIsEndedIfItsFirstTaskIsCancelled() {
        var pool = silentPool { $0.tasksPerLife = 1 }
        pool.submit(2)
        cancel([2], in: &pool)
        pool.advance(milliseconds: 99)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
    }

    /// Returns a pool of a silent program: the first worker has sent a result without a `hello`, and was
    /// replaced.
    private func silentPool(_ change: (inout PoolOptions) -> Void) -> PoolScript {
        var pool = PoolScript(workers: 1, greet: false, change)
        pool.submit(1)
        pool.advance(milliseconds: 1)
        pool.complete(1)
        pool.die(0, signal: nil)
        pool.advance(milliseconds: 50)
        #expect(pool.isAlive(0))
        return pool
    }

    @Test func resultBeforeTheEndOfTheGraceCounts() {
        var pool = warmPool()
        pool.submit(1, 2)
        cancel([1], in: &pool)
        pool.advance(milliseconds: 50)
        #expect(pool.complete(1) == 1)
        pool.advance(milliseconds: 100)
        #expect(pool.terminated.isEmpty)
        #expect(pool.ends.isEmpty)
    }

    @Test func workerIsNotEndedForATaskThatItHasNotBegun() {
        var pool = warmPool()
        pool.submit(1, 2)
        cancel([2], in: &pool)
        pool.advance(milliseconds: 250)
        #expect(pool.terminated.isEmpty, "the worker works on task 1")
        pool.complete(1)
        pool.advance(milliseconds: 100)
        #expect(pool.terminated == [0], "the worker ignored the cancellation and works on task 2")
    }

    @Test func concurrentWorkerIsNotEndedForACancelledTask() {
        var pool = PoolScript(workers: 1, concurrency: 4)
        pool.submit(1, 2)
        cancel([1], in: &pool)
        pool.advance(milliseconds: 100)
        #expect(pool.ends == [1: .cancelled])
        #expect(pool.terminated.isEmpty)
        #expect(pool.complete(1) == nil)
        #expect(pool.complete(2) == 2)
    }

    /// Returns a pool whose concurrent worker has begun the tasks 1 and 2.
    private func concurrentPool() -> PoolScript {
        var pool = PoolScript(workers: 1, concurrency: 2) { $0.taskDeadline = 10_000 }
        pool.submit(1, 2)
        for token in 1...2 { pool.feed(.started(pool.worker(0), seq: pool.seq(of: token))) }
        return pool
    }

    @Test func concurrentWorkerThatGivesUpNoneOfItsCancelledTasksIsEnded() {
        var pool = concurrentPool()
        cancel([1, 2], in: &pool)
        pool.advance(milliseconds: 100)
        #expect(pool.ends == [1: .cancelled, 2: .cancelled])
        #expect(pool.terminated == [0])
        pool.submit(3)
        #expect(pool.tokens(sentTo: 0) == [1, 2])
        pool.die(0, signal: 15)
        pool.hello(0, concurrency: 2)
        pool.settle()
        #expect(pool.complete(3) == 3)
        #expect(pool.state.restartReasons == [.cancelled: 1])
    }

    /// Task 1 has ended as cancelled, but the worker may still work on it.
    ///
    /// So task 1 may have used too much memory.
    @Test func taskBesideACancelledTaskIsNotBlamedForTooMuchMemory() {
        var pool = PoolScript(workers: 1, concurrency: 2)
        pool.submit(1)
        pool.submit(2, mayRepeat: false)
        for token in 1...2 { pool.feed(.started(pool.worker(0), seq: pool.seq(of: token))) }
        cancel([1], in: &pool)
        pool.advance(milliseconds: 100)
        pool.feed(.outgrew(pool.worker(0)))
        pool.die(0, signal: 9)
        guard case .lost(let exit) = pool.ends[2] else {
            Issue.record("\(String(describing: pool.ends[2]))")
            return
        }
        #expect(!exit.isOutOfMemory)
    }

    @Test(arguments: [false, true])
    func cancelledTaskCountsForTheConcurrencyUntilItIsGivenUp(isReturned: Bool) {
        var pool = concurrentPool()
        cancel([1], in: &pool)
        pool.advance(milliseconds: 100)
        #expect(pool.ends == [1: .cancelled])
        pool.submit(3)
        #expect(pool.tokens(sentTo: 0) == [1, 2], "the worker still works on both tasks")
        #expect(pool.state.isBusy(pool.worker(0)))
        if isReturned {
            pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 1)))
            pool.settle()
        } else {
            #expect(pool.complete(1) == nil)
        }
        #expect(pool.tokens(sentTo: 0) == [1, 2, 3])
        #expect(pool.terminated.isEmpty)
        pool.complete(2)
        pool.complete(3)
        #expect(!pool.state.isBusy(pool.worker(0)))
    }

    @Test func cancelledTaskThatHasNotBegunEndsWhenItsWorkerDies() {
        var pool = warmPool()
        pool.submit(1, 2)
        cancel([2], in: &pool)
        pool.die(0, signal: 11)
        #expect(pool.ends[2] == .cancelled)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.token == 1)
    }

    @Test func terminatedPoolSendsSIGTERMBeforeSIGKILL() {
        var pool = PoolScript(workers: 2) { $0.killDelay = 300 }
        pool.submit(1, 2, 3)
        pool.feed(.terminate)
        pool.settle()
        #expect(pool.terminated == [0, 1])
        #expect(pool.killed.isEmpty)
        #expect(pool.ends == [1: .cancelled, 2: .cancelled, 3: .cancelled])
        pool.die(0, signal: 15)
        pool.advance(milliseconds: 300)
        #expect(pool.killed == [1])
        pool.die(1, signal: 9)
        #expect(pool.end == .stopped)
    }

    @Test func stopKillsTheWorkersOfATerminatedPool() {
        var pool = PoolScript(workers: 3) { $0.killDelay = 300 }
        pool.submit(1, 2, 3)
        pool.feed(.terminate)
        pool.settle()
        pool.die(0, signal: 15)
        pool.feed(.stop)
        #expect(pool.killed == [1, 2])
        pool.feed(.terminate)
        pool.feed(.stop)
        pool.advance(milliseconds: 300)
        #expect(pool.killed == [1, 2], "the ended worker 0 is not killed")
        #expect(pool.terminated == [0, 1, 2])
        pool.die(1, signal: 9)
        pool.die(2, signal: 9)
        #expect(pool.end == .stopped)
    }

    @Test func idleWorkerIsDrainedAfterTheIdleTimeout() {
        var pool = PoolScript(workers: 1) {
            $0.startsAll = false
            $0.idleTimeout = 1_000
            $0.workers = 1
        }
        pool.submit(1)
        pool.hello(0)
        pool.settle()
        pool.advance(milliseconds: 5_000)
        #expect(pool.drained.isEmpty, "the worker has a task")
        pool.complete(1)
        pool.advance(milliseconds: 999)
        #expect(pool.drained.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.drained == [0])
    }

    @Test func idleWorkerOfASilentProgramIsDrained() {
        var pool = silentPool { $0.idleTimeout = 1_000 }
        pool.advance(milliseconds: 949)
        #expect(pool.drained.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.drained == [0])
    }

    @Test func workerThatEndsBeforeItsHelloHasFailedToStartEvenAfterALongTime() {
        var pool = PoolScript(workers: 1, greet: false) {
            $0.crashRetries = 0
            $0.beginsInOrder = true
        }
        pool.submit(1)
        for start in 1...5 {
            #expect(pool.ends.isEmpty)
            #expect(pool.spawns == start)
            pool.advance(milliseconds: 20_000)
            pool.die(0, signal: nil, status: 1)
            pool.advance(milliseconds: 5_000)
        }
        guard case .cannotStart = pool.end else {
            Issue.record("\(String(describing: pool.end))")
            return
        }
    }

    @Test func tasksAreSentAheadWithoutRetriesIfWorkersBeginThemInOrder() {
        var exposed = warmPool { $0.crashRetries = 0 }
        exposed.submit(1, 2)
        #expect(exposed.tokens(sentTo: 0) == [900, 1])
        var pool = warmPool {
            $0.crashRetries = 0
            $0.beginsInOrder = true
        }
        pool.submit(1, 2)
        #expect(pool.tokens(sentTo: 0) == [900, 1, 2])
        pool.die(0, signal: nil, status: 0)
        #expect(pool.ends == [1: .crashed(WorkerExit(status: 0))], "task 1 is blamed for the clean exit")
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.token == 2)
    }
}
