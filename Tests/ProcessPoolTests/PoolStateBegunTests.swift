// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of tasks that a worker begins, or could begin, while the pool ends the worker.
///
/// The workers begin their tasks in order. With `crashRetries` 0, no task may be begun twice.
@Suite struct PoolStateBegunTests {
    /// A reason for which the pool ends a worker during a task.
    enum Reason: CaseIterable { case deadline, memory, cancellation }

    /// Returns a pool whose worker may hold several tasks, and has the tasks 1, 2 and 3.
    private func busyPool(deadline: PoolTime.Milliseconds? = nil, retries: Int = 0) -> PoolScript {
        var pool = PoolScript {
            ($0.beginsInOrder, $0.crashRetries, $0.taskDeadline) = (true, retries, deadline)
        }
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        pool.submit(1, 2, 3)
        #expect(pool.tokens(sentTo: 0) == [900, 1, 2, 3])
        return pool
    }

    private func cancel(_ token: Int, in pool: inout PoolScript) {
        pool.feed(.cancelled(tokens: [token], grace: 100))
        pool.settle()
    }

    /// Returns a pool that is ending its worker because of task 1.
    private func endingPool(_ reason: Reason, retries: Int = 0) -> PoolScript {
        var pool = busyPool(deadline: reason == .deadline ? 50 : nil, retries: retries)
        switch reason {
        case .deadline: pool.advance(milliseconds: 50)
        case .memory:
            pool.feed(.outgrew(pool.worker(0)))
            pool.settle()
        case .cancellation:
            cancel(1, in: &pool)
            pool.advance(milliseconds: 100)
        }
        #expect(pool.terminated.union(pool.killed) == [0])
        return pool
    }

    @Test(
        "if a worker that is being ended still sends a result, its next task is not begun again",
        arguments: Reason.allCases
    ) func begunTaskIsNotBegunAgain(reason: Reason) {
        var pool = endingPool(reason)
        #expect(pool.complete(1) == 1)
        pool.die(0, signal: 9)
        #expect(pool.ends == [2: .crashed(WorkerExit(signal: 9, isOutOfMemory: reason == .memory))])
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.map(\.token) == [900, 1, 2, 3, 3])
    }

    @Test(arguments: Reason.allCases) func begunTaskIsBegunAgainIfARetryIsLeft(reason: Reason) {
        var pool = endingPool(reason, retries: 1)
        pool.complete(1)
        pool.die(0, signal: 9)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last { $0.token == 2 }?.attempt == 2)
        pool.die(0, signal: 9)
        #expect(pool.ends == [2: .crashed(WorkerExit(signal: 9))])
    }

    @Test func taskThatTheWorkerHasNotReadGoesToAnotherWorker() {
        var pool = endingPool(.deadline)
        pool.complete(1)
        pool.die(0, signal: 15, unread: 2)
        #expect(pool.ends.isEmpty)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.token == 2)
    }

    @Test func cancelledTaskThatHasBegunEndsAsCancelled() {
        var pool = busyPool()
        cancel(1, in: &pool)
        cancel(2, in: &pool)
        pool.advance(milliseconds: 100)
        pool.complete(1)
        pool.die(0, signal: 15)
        #expect(pool.ends == [2: .cancelled])
    }

    @Test(arguments: [0, 1]) func taskOfAWorkerWhoseHelloCameTooLateEndsOnlyIfTheTaskWasRead(unread: Int) {
        var pool = PoolScript(greet: false) {
            ($0.beginsInOrder, $0.crashRetries, $0.startDeadline) = (true, 0, 1_000)
        }
        pool.submit(1)
        pool.advance(milliseconds: 1_000)
        #expect(pool.terminated == [0])
        pool.hello(0, unread: unread)
        pool.die(0, signal: 15, unread: unread)
        #expect(pool.ends == (unread == 0 ? [1: .crashed(WorkerExit(signal: 15))] : [:]))
    }

    @Test func taskOfAWorkerThatWasEndedBeforeItsHelloIsNotBegunAgain() {
        var pool = PoolScript(greet: false) { ($0.beginsInOrder, $0.crashRetries) = (true, 0) }
        pool.submit(1)
        pool.feed(.outgrew(pool.worker(0)))
        pool.hello(0, unread: 0)
        pool.die(0, signal: 9)
        pool.hello(0)
        pool.settle()
        #expect(pool.ends == [1: .crashed(WorkerExit(signal: 9, isOutOfMemory: true))])
        #expect(pool.sent.count == 1)
    }

    @Test func tasksBehindACancelledTaskAreRecalledAtOnce() {
        var pool = busyPool()
        cancel(1, in: &pool)
        #expect(pool.recalls == [0: 2])
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 3)))
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 2)))
        pool.settle()
        #expect(pool.tokens(sentTo: 0) == [900, 1, 2, 3], "the worker gets no task while it has task 1")
        pool.complete(1)
        #expect(pool.tokens(sentTo: 0) == [900, 1, 2, 3, 2, 3])
    }

    @Test func afterTheReturnOfACancelledTaskTheTaskBehindASlowTaskIsRecalled() {
        var pool = busyPool()
        cancel(1, in: &pool)
        #expect(pool.recalls == [0: 2])
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 1)))
        pool.settle()
        pool.advance(milliseconds: 101)
        #expect(pool.recalls == [0: 1])
    }

    /// Without the recall, the worker could finish task 1, and begin task 2 just before the worker ends.
    @Test func tasksBehindACancelledTaskAreRecalledBeforeItsWorkerIsEnded() {
        var pool = busyPool()
        pool.feed(.cancelled(tokens: [1], grace: 0))
        pool.settle()
        #expect(pool.recalls == [0: 2] && pool.terminated.isEmpty)
        for token in [2, 3] { pool.feed(.returned(pool.worker(0), seq: pool.seq(of: token))) }
        pool.advance(milliseconds: 100)
        #expect(pool.terminated == [0])
    }

    @Test func tasksBehindATaskAreRecalledBeforeItsDeadline() {
        var pool = busyPool(deadline: 20)
        pool.advance(milliseconds: 10)
        #expect(pool.recalls.isEmpty)
        #expect(pool.state.nextWake() == PoolTime(nanoseconds: 11_000_001))
        pool.advance(milliseconds: 1)
        #expect(pool.recalls == [0: 2])
    }
}
