// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of the spare worker, which the pool keeps after a task has killed a worker.
@Suite struct PoolStateSpareTests {
    private func pool(workers: Int = 2) -> PoolScript {
        PoolScript(workers: workers) { $0.keepsSpare = true }
    }

    /// Returns a pool with one regular worker and one spare, after a task has killed a worker.
    ///
    /// A third worker, which did the retry, still lives and was told to exit.
    private func poolWithSpare() -> PoolScript {
        var pool = pool(workers: 1)
        pool.submit(1)
        pool.die(0)
        for _ in 1...3 { pool.advance(milliseconds: 1) }
        for slot in 0..<3 where pool.isAlive(slot) { pool.hello(slot) }
        pool.settle()
        pool.complete(1)
        return pool
    }

    @Test func noSpareIsKeptBeforeADeath() {
        var pool = pool()
        pool.submit(1, 2)
        pool.complete(1)
        pool.complete(2)
        pool.advance(milliseconds: 1_000)
        #expect(pool.spawns == 2)
    }

    @Test func afterADeathOtherTasksNeedNotWaitForTheRetry() {
        var pool = pool(workers: 1)
        pool.submit(1)
        pool.die(0)
        pool.submit(2)
        // The pool has started the worker that died, a successor, the worker for the retry, and the spare.
        #expect(pool.spawns == 4)
        #expect(pool.spawnsForRetry.count == 1)
        let retrySlot = pool.sent.last { $0.token == 1 }?.slot ?? -1
        let otherSlot = pool.sent.last { $0.token == 2 }?.slot ?? -1
        #expect(pool.spawnsForRetry.first?.slot == retrySlot)
        #expect(otherSlot != retrySlot)
    }

    /// The pool has one slot for each worker and two further slots, and all eight tasks need a retry.
    ///
    /// If workers without a retry took all slots, some retries would get no worker that was started for them.
    /// The first `before` deaths come before a call of `settle`, and the other deaths come after it.
    @Test(arguments: 0...8) func eachTaskIsRetriedIfAllWorkersDieTogether(before: Int) {
        var pool = pool(workers: 8)
        pool.submit(1, 2, 3, 4, 5, 6, 7, 8)
        let slots = pool.sent.map(\.slot)
        for slot in slots.prefix(before) { pool.feed(.ended(pool.worker(slot), WorkerExit(signal: 9))) }
        pool.settle()
        for slot in slots.dropFirst(before) { pool.feed(.ended(pool.worker(slot), WorkerExit(signal: 9))) }
        pool.settle()
        pool.advance(milliseconds: 2)
        #expect(pool.sent.filter { $0.attempt == 2 }.map(\.token).sorted() == Array(1...8))
        #expect(pool.spawnsForRetry.count == 8)
    }

    @Test func spareGetsNoTaskBeforeTheNextDeath() {
        var pool = poolWithSpare()
        pool.submit(2, 3, 4)
        let working = pool.sent.last?.slot
        for token in 2...4 { pool.complete(token) }
        #expect(pool.sent.suffix(3).allSatisfy { $0.slot == working })
    }

    @Test func spareGetsTheTasksBeforeANewWorkerIsStarted() {
        var pool = poolWithSpare()
        pool.submit(2, 3)
        let (working, spawns) = (pool.sent.last?.slot ?? -1, pool.spawns)
        pool.die(working)
        #expect(pool.sent.last?.token == 3, "the spare gets the other task of the dead worker")
        #expect(pool.sent.last?.slot != working)
        #expect(pool.spawns == spawns, "starting a process now would delay the loop")
        pool.advance(milliseconds: 1)
        #expect(pool.spawns > spawns)
        #expect(pool.sent.last?.token == 2)
        #expect(pool.sent.last?.attempt == 2)
    }

    @Test func workersNeverExceedTheNumberOfSlots() {
        var pool = pool(workers: 2)
        for token in 1...40 {
            pool.submit(token)
            pool.advance(milliseconds: 1)
            if token % 3 == 0, let slot = pool.sent.last?.slot, pool.isAlive(slot) { pool.die(slot) }
            for slot in 0..<4 where pool.isAlive(slot) { pool.hello(slot) }
            pool.settle()
            #expect(pool.lives.keys.count { pool.isAlive($0) } <= 4)
            #expect(pool.lives.keys.allSatisfy { 0..<4 ~= $0 })
        }
    }

    @Test func spareIsDrainedWithTheOtherWorkers() {
        var pool = poolWithSpare()
        pool.feed(.drain)
        pool.settle()
        let alive = (0..<3).filter { pool.isAlive($0) }
        #expect(alive.count >= 2)
        #expect(pool.drained.isSuperset(of: alive))
        for slot in alive { pool.die(slot, signal: nil, status: 0) }
        #expect(pool.end == .drained)
    }

    @Test func deathOfAnIdleSpareIsBlamedOnNoTask() {
        var pool = poolWithSpare()
        pool.submit(2)
        let working = pool.sent.last?.slot
        for slot in 0..<3 where slot != working && pool.isAlive(slot) { pool.die(slot, signal: 9) }
        #expect(pool.ends.isEmpty)
        #expect(pool.triedAgain.map(\.token) == [1])
        pool.complete(2)
        #expect(pool.completed == [1, 2])
    }
}
