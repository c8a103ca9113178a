// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import Testing

/// Tests of the option `keepsAffinity`, with which the tasks of one affinity stay with one worker.
@Suite struct PoolStateKeptAffinityTests {
    private func pool(workers: Int, concurrency: Int = 2) -> PoolScript {
        PoolScript(workers: workers, concurrency: concurrency, name: "ours") {
            $0.trustedNames = ["ours"]
            ($0.sendsAhead, $0.keepsAffinity) = (false, true)
        }
    }

    @Test func tasksOfOneAffinityGoToOneWorker() {
        var pool = pool(workers: 3)
        for token in 1...6 { pool.submit(token, affinity: 7) }
        let slot = pool.sent[0].slot
        #expect(pool.tokens(sentTo: slot) == [1, 2] && pool.sent.count == 2)
        for token in 1...6 { #expect(pool.complete(token) == token) }
        #expect(pool.tokens(sentTo: slot) == [1, 2, 3, 4, 5, 6])
    }

    @Test func waitingTasksDoNotDelayOtherTasks() {
        var pool = pool(workers: 2)
        for token in 1...10 { pool.submit(token, affinity: 1) }
        // The idle worker can take two tasks, because all waiting tasks are for the busy worker.
        #expect(pool.state.wanted(at: pool.now) == 2)
        pool.submit(11, affinity: 2)
        pool.submit(12)
        let other = 1 - pool.sent[0].slot
        #expect(pool.tokens(sentTo: other) == [11, 12])
        #expect(pool.state.wanted(at: pool.now) == 0)
    }

    @Test func poolTakesNoTasksWhileManyTasksWait() {
        var pool = pool(workers: 2)
        var token = 0
        while pool.state.wanted(at: pool.now) > 0, token < 2_000 {
            token += 1
            pool.submit(token, affinity: 1)
        }
        #expect(token == 1_002)
        pool.complete(1)
        #expect(pool.state.wanted(at: pool.now) > 0)
    }

    @Test func aWakeIsDueAtOnceAfterATaskBeginsToWait() {
        var pool = pool(workers: 2)
        for token in 1...2 { pool.submit(token, affinity: 1) }
        pool.clientHasMore(true)
        pool.submit(3, affinity: 1)
        #expect(pool.state.nextWake() == pool.now)
        pool.clientHasMore(false)
        pool.settle()
        #expect(pool.state.nextWake() != pool.now)
    }

    @Test func tasksOfADeadWorkerGoToAnotherWorker() {
        var pool = pool(workers: 2)
        for token in 1...4 { pool.submit(token, affinity: 1) }
        let slot = pool.sent[0].slot
        pool.die(slot)
        for token in pool.tokens(sentTo: 1 - slot) { #expect(pool.complete(token) == token) }
        #expect(Set(pool.tokens(sentTo: 1 - slot)) == [1, 2, 3, 4])
    }

    @Test func aWorkerIsStartedForTasksThatWaitedForADeadWorker() {
        var pool = PoolScript(workers: 1, greet: false) {
            ($0.startsAll, $0.keepsAffinity, $0.crashRetries) = (false, true, 0)
        }
        for token in 1...3 { pool.submit(token, affinity: 1) }
        pool.hello(0)
        pool.settle()
        pool.die(0)
        #expect(pool.ends.keys.sorted() == [1])
        #expect(pool.spawns == 2)
    }

    @Test func eachTaskOfSeveralAffinitiesIsDone() {
        var pool = pool(workers: 3)
        for token in 1...60 { pool.submit(token, affinity: token % 4) }
        var completed: Set<Int> = []
        for _ in 1...60 {
            guard let next = pool.sent.first(where: { !completed.contains($0.token) })?.token else { break }
            #expect(pool.complete(next) == next)
            completed.insert(next)
        }
        #expect(completed == Set(1...60))
    }
}
