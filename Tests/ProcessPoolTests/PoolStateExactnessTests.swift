// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests that no task is blamed for the fault of another task, and that no unrepeatable task begins twice.
@Suite struct PoolStateExactnessTests {
    private let segfault = TaskEnd.crashed(WorkerExit(signal: 11))

    /// Returns a pool of one worker, with the tasks 1 to `tasks`.
    ///
    /// The worker holds all these tasks, but a sequential worker with `crashRetries` 0 holds only task 1.
    private func pool(
        holding tasks: Int,
        mayRepeat: Bool = true,
        concurrency: Int = 1,
        _ change: (inout PoolOptions) -> Void = { _ in }
    ) -> PoolScript {
        var pool = PoolScript(concurrency: concurrency, change)
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        for token in 1...tasks { pool.submit(token, mayRepeat: mayRepeat) }
        return pool
    }

    @Test func outputAfterSIGTERMDoesNotChangeTheEndOfALateTask() {
        var pool = pool(holding: 1) { $0.taskDeadline = 1_000 }
        pool.advance(milliseconds: 1_000)
        #expect(pool.terminated == [0])
        pool.print("{", naming: 1)
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .pastDeadline(WorkerExit(signal: 15))])
    }

    @Test func secondHelloDoesNotChangeTheBlameForADeath() {
        var pool = pool(holding: 2) { $0.crashRetries = 0 }
        pool.hello(0, concurrency: 64)
        pool.die(0)
        #expect(pool.ends == [1: segfault])
    }

    @Test func taskOfAWorkerThatCouldNotBeStartedIsNotBlamed() {
        var pool = PoolScript(greet: false) { $0.crashRetries = 0 }
        pool.submit(1)
        pool.complete(1)
        pool.die(0)
        pool.submit(2)
        pool.feed(.spawnFailed(pool.worker(0), isHopeless: false))
        #expect(pool.ends.isEmpty, "the worker was not started, so it has not begun the task")
    }

    @Test(arguments: [false, true])
    func unrepeatableFirstTaskIsRequeuedOnlyIfAWorkerHasSaidHello(hasGreeted: Bool) {
        var pool = PoolScript(workers: 2, greet: false)
        if hasGreeted { pool.hello(1) }
        pool.submit(1, mayRepeat: false)
        pool.submit(2, mayRepeat: false)
        pool.die(0)
        if !hasGreeted { pool.complete(2) }
        #expect(pool.ends.count == (hasGreeted ? 0 : 1))
    }

    @Test func unrepeatableTaskIsNotRequeuedAfterALateHello() {
        var pool = PoolScript(workers: 2, greet: false)
        pool.hello(1)
        for token in 1...4 { pool.submit(token, mayRepeat: false) }
        pool.feed(.refused(pool.worker(0), unread: 2))
        pool.hello(0)
        let token = pool.tokens(sentTo: 0).first ?? -1
        pool.die(0, signal: 15)
        #expect(pool.ends == [token: .lost(WorkerExit(signal: 15))])
    }

    @Test func hangBeforeAnExpectedHelloIsBlamedOnNoTask() {
        var pool = PoolScript(workers: 2, greet: false) { $0.taskDeadline = 1_000 }
        pool.hello(1)
        pool.submit(1, 2)
        pool.advance(milliseconds: 1)
        pool.complete(2)
        pool.advance(milliseconds: 60_000)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        #expect(pool.ends.isEmpty)
        #expect(pool.tokens(sentTo: 1).last == 1)
    }

    @Test func startedUnrepeatableTaskOfASequentialWorkerIsNotRequeued() {
        var pool = pool(holding: 3, mayRepeat: false)
        pool.feed(.refused(pool.worker(0), unread: 3))
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 2)))
        pool.die(0, signal: 15)
        #expect(Set(pool.ends.keys) == [1, 2])
    }

    @Test(arguments: [true, false])
    func byeCountsOnlyBeforeACleanExit(isClean: Bool) {
        var pool = pool(holding: 3, mayRepeat: false)
        pool.feed(.bye(pool.worker(0)))
        pool.die(0, signal: isClean ? nil : 9)
        #expect(Array(pool.ends.keys) == (isClean ? [] : [1]))
    }

    @Test func afterAnUnusableResultTheNextTaskMayHaveBegun() {
        var pool = pool(holding: 4, mayRepeat: false)
        pool.print(#"{"seq":2,"result":"#, naming: 2)
        pool.die(0)
        #expect(Set(pool.ends.keys) == [1, 2, 3])
    }

    @Test func afterAnIgnoredResultTheNextTaskMayHaveBegun() {
        var pool = pool(holding: 4, mayRepeat: false)
        pool.accept(strayResult: pool.seq(of: 2), from: 0)
        pool.die(0)
        #expect(Set(pool.ends.keys) == [1, 2, 3])
    }

    @Test func afterAnIncompleteLineAllReadTasksMayHaveBegun() {
        var pool = pool(holding: 4, mayRepeat: false)
        pool.feed(.ended(pool.worker(0), WorkerExit(signal: 11), unread: 1, isTorn: true))
        #expect(Set(pool.ends.keys) == [1, 2, 3])
    }

    @Test func cleanExitsOfAConcurrentWorkerAreNotBlamedAtOnce() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1, 2)
        for _ in 1...5 {
            pool.feed(.bye(pool.worker(0)))
            pool.die(0, signal: nil)
            pool.advance(milliseconds: 1_000)
            pool.hello(0, concurrency: 4)
            pool.settle()
        }
        #expect(pool.ends.isEmpty, "the pool cannot know which of the two tasks is to blame")
        #expect(pool.complete(1) == 1)
        #expect(pool.complete(2) == 2)
    }

    /// After two workers have died with task 1, this task waits for the reserved worker
    /// (`WorkerSlot.isReserved`), which has task 2.
    ///
    /// The other workers get no task before their `hello`, so none of them is reserved.
    @Test func firstDeathOfAReservedWorkerIsNotBlamedOnItsEarlierTask() {
        var pool = PoolScript(workers: 3, concurrency: 4) { $0.startsMachines = true }
        pool.submit(1, 2)
        let reserved = pool.sent.last { $0.token == 2 }?.slot ?? -1
        for _ in 1...2 { pool.die(pool.sent.last { $0.token == 1 }?.slot ?? -1) }
        pool.submit(3)
        #expect(pool.tokens(sentTo: reserved) == [2], "a reserved worker gets no new task")
        pool.die(reserved)
        #expect(pool.ends.isEmpty)
        pool.advance(milliseconds: 10_000)
        for slot in 0...2 { pool.hello(slot, concurrency: 4) }
        pool.settle()
        for _ in 1...3 {
            for token in 1...3 where !pool.completed.contains(token) { pool.complete(token) }
        }
        #expect(Set(pool.completed) == [1, 2, 3])
        #expect(pool.ends.isEmpty)
    }
}
