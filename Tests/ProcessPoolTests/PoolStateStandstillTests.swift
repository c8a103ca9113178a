// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests that a pool with work does the work, or asks for another call of `settle` (`nextWake`).
@Suite struct PoolStateStandstillTests {
    @Test func taskWaitsForTheSuccessorOfAWorkerThatSaidBye() {
        var pool = PoolScript()
        pool.feed(.bye(pool.worker(0)))
        pool.submit(1)
        #expect(pool.sent.isEmpty)
        pool.advance(milliseconds: 5_000)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        pool.advance(milliseconds: 50)
        #expect(pool.sent.map(\.token) == [1])
    }

    @Test func openPoolWakesWhenItMayTakeTasksAgain() {
        var pool = PoolScript(workers: 2, greet: false) { $0.startsAll = false }
        pool.submit(1)
        pool.submit(2)
        pool.hello(1)
        pool.die(0)
        pool.complete(2)
        pool.complete(1)
        #expect(pool.completed == [2, 1])
        #expect(pool.state.nextWake() == pool.now + 50)
        pool.advance(milliseconds: 50)
        #expect(pool.state.nextWake() == nil)
    }

    @Test func taskOfAWorkerThatCouldNotBeStartedIsSentAgainAtOnce() {
        var pool = PoolScript(workers: 2, greet: false)
        pool.submit(1)
        pool.feed(.spawnFailed(pool.worker(0), isHopeless: false))
        #expect(pool.state.nextWake() == pool.now)
        pool.settle()
        #expect(pool.tokens(sentTo: 1) == [1])
    }

    @Test func suspectIsSentToAStartingWorker() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1)
        pool.die(0)
        pool.hello(0, concurrency: 4)
        pool.settle()
        pool.die(0)
        #expect(pool.sent.count == 3, "a worker gets the suspected task before the worker has sent a line")
    }

    @Test func poolTakesTasksAgainAfterItsSuspectsHaveEnded() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1)
        for _ in 1...2 {
            pool.die(0)
            pool.hello(0, concurrency: 4)
            pool.settle()
        }
        pool.clientHasMore(true)
        pool.complete(1)
        #expect(pool.state.nextWake() == pool.now)
        #expect(pool.state.wanted(at: pool.now) > 0)
    }

    @Test func usedSparesLeaveASlotForTheNextRetry() {
        var pool = PoolScript { $0.keepsSpare = true }
        for token in 1...40 {
            pool.submit(token)
            let slot = pool.sent.last { $0.token == token }?.slot ?? -1
            pool.die(slot)
            for _ in 1...3 { pool.advance(milliseconds: 1) }
            for slot in 0..<3 where pool.isAlive(slot) { pool.hello(slot) }
            pool.settle()
            pool.complete(token)
            for slot in pool.drained where pool.isAlive(slot) && !pool.state.isBusy(pool.worker(slot)) {
                if pool.state.phase(of: pool.worker(slot)) == .draining { pool.die(slot, signal: nil) }
            }
        }
        #expect(pool.completed == Array(1...40))
    }

    @Test func withSpareSlotsAReplacementDoesNotWaitForTheEndOfTheOldWorker() {
        var pool = PoolScript {
            $0.keepsSpare = true
            $0.tasksPerLife = 1
        }
        pool.submit(1, 2)
        pool.complete(1)
        #expect(pool.drained == [0])
        #expect(pool.spawns == 2)
        #expect(pool.sent.last?.token == 2)
    }
}
