// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of affinities: the pool prefers to send tasks with the same affinity to the same worker.
@Suite struct PoolStateAffinityTests {
    @Test func aTaskGoesToTheWorkerThatHadItsAffinityLast() {
        var pool = PoolScript(workers: 3, concurrency: 8)
        for token in 1...3 { pool.submit(token, affinity: token) }
        let slots = (1...3).map { token in pool.sent.last { $0.token == token }?.slot }
        #expect(Set(slots).count == 3)
        for token in 1...3 { pool.complete(token) }
        for round in 1...5 {
            for affinity in [2, 3, 1] {
                let token = round * 10 + affinity
                pool.submit(token, affinity: affinity)
                #expect(pool.sent.last?.slot == slots[affinity - 1])
            }
            for affinity in 1...3 { pool.complete(round * 10 + affinity) }
        }
    }

    @Test func tasksOfOneAffinityAreSharedByAllWorkers() {
        var pool = PoolScript(workers: 4, concurrency: 8)
        for token in 1...16 { pool.submit(token, affinity: 7) }
        for slot in 0..<4 { #expect(pool.tokens(sentTo: slot).count == 4) }
    }

    @Test func aTaskWaitsForTheWorkerOfItsAffinityIfAllWorkersAreBusy() {
        var pool = PoolScript(workers: 2, concurrency: 8, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1, affinity: 1)
        pool.submit(2, affinity: 2)
        let (first, second) = (pool.sent[0].slot, pool.sent[1].slot)
        #expect(first != second)
        var token = 2
        while pool.state.wanted(at: pool.now) > 0 {
            token += 1
            pool.submit(token)
        }
        // After the next three calls, only the worker of task 2 holds fewer tasks than its window allows.
        pool.complete(1)
        pool.submit(token + 100)
        pool.complete(2)
        for extra in 1...4 {
            pool.submit(token + extra, affinity: 1)
            #expect(pool.sent.last?.slot == first)
        }
        // Beyond its window, the worker may hold at most four tasks, half of its concurrency.
        pool.submit(token + 5, affinity: 1)
        #expect(pool.sent.last?.slot == second)
    }

    @Test(arguments: [(3, true), (60, false)])
    func aTaskWaitsForItsWorkerOnlyIfTheWaitIsShort(taskMilliseconds: Int, waits: Bool) {
        var pool = PoolScript(workers: 2, concurrency: 8, name: "ours") {
            $0.trustedNames = ["ours"]
            $0.sendsAhead = false
        }
        pool.submit(1, affinity: 1)
        let first = pool.sent[0].slot
        for token in 2...16 { pool.submit(token) }
        for token in 17...20 {
            pool.advance(milliseconds: taskMilliseconds)
            // The two workers send results alternately, so that both make progress.
            pool.complete(pool.tokens(sentTo: token % 2)[(token - 17) / 2])
            pool.submit(token)
        }
        #expect(pool.state.wanted(at: pool.now) == 0)
        pool.advance(milliseconds: taskMilliseconds)
        pool.complete(pool.tokens(sentTo: 1 - first)[2])
        for token in 21...22 {
            pool.submit(token, affinity: 1)
            #expect((pool.sent.last?.slot == first && pool.sent.last?.token == token) == waits)
        }
    }

    @Test func aTaskThatMustBeginAtOnceWaitsForNoWorker() {
        var pool = PoolScript(workers: 2, concurrency: 8, name: "ours") {
            $0.trustedNames = ["ours"]
            ($0.sendsAhead, $0.waitsForAffinity) = (false, false)
        }
        pool.submit(1, affinity: 1)
        let first = pool.sent[0].slot
        for token in 2...16 { pool.submit(token) }
        pool.complete(pool.tokens(sentTo: 1 - first)[0])
        pool.submit(17, affinity: 1)
        #expect(pool.sent.last?.slot == 1 - first)
    }

    @Test func theWorkerOfTheAffinityGetsATaskUnlessItHasManyMoreTasksThanTheOther() {
        var pool = PoolScript(workers: 2, concurrency: 8, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1, affinity: 1)
        let first = pool.sent[0].slot
        for token in 2...12 { pool.submit(token) }
        let others = pool.tokens(sentTo: 1 - first)
        for token in others[..<3] { pool.complete(token) }
        #expect(pool.freest == 1 - first)
        pool.submit(13, affinity: 1)
        #expect(pool.sent.last?.slot == first)
        for token in others[3...] { pool.complete(token) }
        pool.submit(14, affinity: 1)
        #expect(pool.sent.last?.slot == 1 - first)
    }

    @Test(arguments: [(50, true), (150, false), (250, false)])
    func noTaskWaitsForAWorkerWithoutProgress(milliseconds: Int, waits: Bool) {
        var pool = full()
        let first = pool.sent[0].slot
        pool.advance(milliseconds: milliseconds)
        pool.complete(pool.tokens(sentTo: 1 - first)[0])
        pool.submit(21, affinity: 1)
        #expect((pool.sent.last?.slot == first) == waits)
    }

    @Test func aTaskRecalledFromAStuckWorkerGoesToAnotherWorker() {
        var pool = full()
        let first = pool.sent[0].slot
        pool.complete(pool.tokens(sentTo: 1 - first)[0])
        pool.submit(21, affinity: 1)
        #expect(pool.sent.last?.slot == first)
        pool.advance(milliseconds: 101)
        #expect(pool.recalls[first] == 1)
        pool.feed(.returned(pool.worker(first), seq: pool.seq(of: 21)))
        pool.settle()
        #expect(pool.sent.last?.slot == 1 - first && pool.sent.last?.token == 21)
    }

    /// Returns a pool of two full workers.
    ///
    /// Task 1 was sent first, and is the only task of affinity 1. Its worker has sent the result.
    private func full() -> PoolScript {
        var pool = PoolScript(workers: 2, concurrency: 4, name: "ours") {
            $0.trustedNames = ["ours"]
            $0.sendsAhead = false
        }
        pool.submit(1, affinity: 1)
        for token in 2...8 { pool.submit(token) }
        pool.complete(1)
        pool.submit(9)
        #expect(pool.sent.last?.slot == pool.sent[0].slot)
        return pool
    }

    @Test func noTaskIsRecalledFromAWorkerThatMakesProgress() throws {
        var pool = PoolScript(workers: 1, concurrency: 2, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1)
        pool.complete(1)
        for token in 2...9 { pool.submit(token) }
        let inHand = pool.tokens(sentTo: 0)
        try #require(inHand.count > 5)
        for token in [3, 4] {
            pool.advance(milliseconds: 60)
            pool.complete(token)
        }
        #expect(pool.recalls.isEmpty)
        pool.advance(milliseconds: 101)
        #expect(pool.recalls[0] != nil)
    }

    @Test func noWorkerGetsMoreTasksThanItsWindow() {
        var pool = PoolScript(workers: 2, concurrency: 2)
        for token in 1...6 { pool.submit(token, affinity: 7) }
        for slot in 0..<2 { #expect(pool.tokens(sentTo: slot).count == 2) }
    }

    @Test func theSuccessorOfADeadWorkerInheritsNoAffinity() {
        var pool = PoolScript(workers: 3, concurrency: 8)
        pool.submit(1)
        pool.submit(2)
        pool.submit(3, affinity: 7)
        let slot = pool.sent[2].slot
        for token in 1...3 { pool.complete(token) }
        pool.die(slot)
        pool.advance(milliseconds: 10_000)
        pool.hello(slot, concurrency: 8)
        let freest = pool.freest
        #expect(freest != slot)
        pool.submit(4, affinity: 7)
        #expect(pool.sent.last?.slot == freest)
    }

    @Test func tasksAreSentEvenIfTheirAffinityIsForgotten() {
        var pool = PoolScript(workers: 2, concurrency: 4)
        for token in 1...20_000 {
            pool.submit(token, affinity: token &* 0x9E37_79B9)
            #expect(pool.complete(token) == token)
        }
    }
}

extension PoolScript {
    /// The slot of the worker that would get a task without affinity, if a worker has room for a task.
    fileprivate var freest: Int? {
        var copy = self
        copy.submit(99)
        return copy.sent.last?.slot
    }
}
