// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of how the pool sends tasks, and starts, drains and ends its workers; no processes run.
@Suite struct PoolStateTests {
    @Test func onlyOneTaskIsSentBeforeAWorkersFirstLine() {
        var pool = PoolScript(greet: false)
        pool.submit(1, 2, 3)
        #expect(pool.tokens(sentTo: 0) == [1])
        pool.hello(0, concurrency: 8)
        pool.settle()
        #expect(pool.tokens(sentTo: 0) == [1, 2, 3])
    }

    @Test func concurrentWorkerHoldsAsManyTasksAsItsConcurrencyAtFirst() {
        var pool = PoolScript(concurrency: 2)
        pool.submit(1, 2, 3)
        #expect(pool.tokens(sentTo: 0) == [1, 2])
        #expect(pool.state.wanted(at: pool.now) == 0)
        pool.complete(1)
        #expect(pool.tokens(sentTo: 0) == [1, 2, 3])
    }

    @Test func tasksAreSentToTheWorkerWithTheFewestTasks() {
        var pool = PoolScript(workers: 3, concurrency: 4)
        pool.submit(1, 2, 3, 4, 5, 6)
        for slot in 0..<3 { #expect(pool.tokens(sentTo: slot).count == 2) }
    }

    @Test(arguments: [(1, 1), (2, 5), (5, 2), (9, 2), (11, 1), (400, 1)])
    func aWorkerHoldsOneTaskOrTasksForAboutTenMilliseconds(taskMilliseconds: Int, atLeast: Int) {
        var pool = PoolScript()
        for token in 1...20 {
            pool.submit(token)
            pool.advance(milliseconds: taskMilliseconds)
            pool.complete(token)
        }
        let wanted = pool.state.wanted(at: pool.now)
        #expect(wanted >= atLeast)
        #expect(wanted * taskMilliseconds <= 20 || wanted == 1)
    }

    @Test(arguments: [true, false])
    func withoutSendingAheadAWorkerHoldsOnlyTheTasksThatItWorksOn(sendsAhead: Bool) {
        var pool = PoolScript(concurrency: 4) { $0.sendsAhead = sendsAhead }
        for token in 1...20 {
            pool.submit(token)
            pool.advance(milliseconds: 1)
            pool.complete(token)
        }
        #expect((pool.state.wanted(at: pool.now) == 4) != sendsAhead)
    }

    @Test func tasksBehindASlowTaskAreRecalled() {
        var pool = PoolScript(workers: 2)
        pool.submit(90, 91)
        pool.advance(milliseconds: 1)
        pool.complete(90)
        pool.complete(91)
        pool.submit(1, 2, 3, 4)
        #expect(pool.tokens(sentTo: 0).count { $0 < 90 } == 2)
        let slow = pool.sent[2].slot
        let mine = pool.tokens(sentTo: slow).dropFirst()
        for token in [1, 2, 3, 4] where !mine.contains(token) { pool.complete(token) }
        #expect(pool.recalls.isEmpty)
        pool.advance(milliseconds: 101)
        #expect(pool.recalls == [slow: 1])
        let waiting = mine.last ?? -1
        pool.feed(.returned(pool.worker(slow), seq: pool.seq(of: waiting)))
        pool.settle()
        #expect(pool.sent.last?.slot == 1 - slow)
        #expect(pool.sent.last?.token == waiting)
        pool.submit(5)
        #expect(pool.sent.last?.slot == 1 - slow, "no task is sent to the worker of a slow task")
    }

    /// Returns a pool of concurrent workers; the first worker has done 20 tasks of a millisecond each.
    ///
    /// The tokens of these tasks are 100 to 119.
    private func quickPool(workers: Int) -> PoolScript {
        var pool = PoolScript(workers: workers, concurrency: 4)
        for token in 100..<120 {
            pool.submit(token)
            pool.advance(milliseconds: 1)
            pool.complete(token)
        }
        return pool
    }

    @Test func recalledTasksOfAConcurrentWorkerGoToAnotherWorker() {
        var pool = quickPool(workers: 2)
        for token in 1...24 { pool.submit(token) }
        let slow = 0
        for token in pool.tokens(sentTo: 1 - slow).filter({ $0 < 100 }) { pool.complete(token) }
        let held = pool.tokens(sentTo: slow).filter { $0 < 100 }
        #expect(held.count > 4, "the worker holds more tasks than it can do at the same time")
        pool.advance(milliseconds: 101)
        #expect(pool.recalls == [slow: held.count - 4])
        for token in held.dropFirst(4).reversed() {
            pool.feed(.returned(pool.worker(slow), seq: pool.seq(of: token)))
        }
        pool.settle()
        #expect(pool.sent.suffix(held.count - 4).allSatisfy { $0.slot == 1 - slow })
        pool.submit(25)
        #expect(pool.sent.last?.slot == 1 - slow, "no task is sent to the worker of slow tasks")
        pool.complete(held[0])
        pool.submit(26, 27, 28, 29, 30, 31, 32, 33)
        #expect(pool.sent.suffix(8).contains { $0.slot == slow }, "the worker can begin one more task")
    }

    @Test func concurrentWorkerWithOneSlowTaskStillGetsTasks() {
        var pool = quickPool(workers: 1)
        // Task 0 does not end. The worker does one other task each millisecond.
        pool.submit(0)
        for token in 1...200 {
            pool.submit(token)
            pool.advance(milliseconds: 1)
            pool.complete(token)
        }
        #expect(pool.recalls.isEmpty)
        for token in 201...210 { pool.submit(token) }
        #expect(pool.tokens(sentTo: 0).suffix(10) == Array(201...210), "tasks are sent ahead")
    }

    @Test func resultsCountOnceAndOnlyFromTheirWorker() {
        var pool = PoolScript(workers: 2)
        pool.submit(1, 2)
        let (first, second) = (pool.sent[0], pool.sent[1])
        #expect(first.slot != second.slot)
        let now = pool.now
        var state = pool.state
        #expect(state.accept(result: first.seq, from: pool.worker(second.slot), at: now) == nil)
        #expect(state.accept(result: 424_242, from: pool.worker(first.slot), at: now) == nil)
        #expect(state.accept(result: first.seq, from: pool.worker(first.slot), at: now)?.token == 1)
        #expect(state.accept(result: first.seq, from: pool.worker(first.slot), at: now) == nil)
        #expect(state.unendedTasks == 1)
    }

    @Test func resultOfAnEarlierWorkerInTheSlotIsIgnored() {
        var pool = PoolScript()
        pool.submit(1)
        let (old, seq) = (pool.worker(0), pool.seq(of: 1))
        pool.die(0)
        pool.hello(0)
        pool.settle()
        var state = pool.state
        #expect(state.accept(result: seq, from: old, at: pool.now) == nil)
        #expect(pool.complete(1) == 1)
    }

    @Test func poolsOfOneRunShareNoSendingNumber() {
        var first = PoolScript()
        var second = PoolScript { $0.seqOffset = 1 }
        for token in 1...100 {
            first.submit(token)
            second.submit(token)
            first.complete(token)
            second.complete(token)
        }
        let numbers = Set(first.sent.map(\.seq) + second.sent.map(\.seq))
        #expect(numbers.count == 200)
        #expect(numbers.allSatisfy { $0 < 1 << 53 })
    }

    @Test func numbersOfSendingsCannotBeGuessed() {
        var pool = PoolScript { $0.seed = 7 }
        for token in 1...300 {
            pool.submit(token)
            pool.complete(token)
        }
        // The lowest 24 bits of each number are random, so each of these bits is 0 in some numbers and 1 in
        // others.
        let seqs = pool.sent.map(\.seq)
        for bit in 0..<24 { #expect(Set(seqs.map { $0 >> bit & 1 }) == [0, 1]) }
        var other = PoolScript { $0.seed = 8 }
        other.submit(1)
        #expect(other.sent.map(\.seq) != [seqs[0]])
    }

    @Test func fiveFailedStartsInARowEndThePool() {
        var pool = PoolScript(greet: false)
        pool.submit(1, 2)
        for start in 1...5 {
            #expect(pool.end == nil)
            #expect(pool.spawns == start)
            pool.die(0, signal: nil, status: 1, unread: 1)
            pool.advance(milliseconds: 5_000)
        }
        let exit = WorkerExit(status: 1)
        #expect(
            pool.end.map { if case .cannotStart(let worker, _) = $0 { worker.life == 4 } else { false } }
                == true
        )
        #expect(pool.ends == [1: .unstartable(exit), 2: .unstartable(exit)])
        #expect(pool.spawns == 5)
    }

    /// A start can fail while the program is being replaced, or while this process has no free descriptors.
    @Test func aCommandThatHasWorkedMayBeMissingForAMoment() {
        var pool = PoolScript(workers: 1, greet: false)
        pool.hello(0)
        pool.submit(1)
        pool.complete(1)
        pool.die(0)
        pool.submit(2)
        pool.feed(.spawnFailed(pool.worker(0), isHopeless: true))
        pool.advance(milliseconds: 5_000)
        #expect(pool.end == nil && pool.ends.isEmpty)
        pool.hello(0)
        pool.complete(2)
        #expect(pool.completed == [1, 2])
    }

    @Test(arguments: [false, true])
    func startsThatFailInTheSameMomentCountAsOne(isHopeless: Bool) {
        var pool = PoolScript(workers: 8)
        for slot in 0..<8 { pool.die(slot) }
        pool.advance(milliseconds: 5_000)
        pool.submit(1, 2, 3, 4, 5, 6, 7, 8)
        for slot in 0..<8 { pool.feed(.spawnFailed(pool.worker(slot), isHopeless: isHopeless)) }
        pool.advance(milliseconds: 5_000)
        #expect(pool.end == nil && pool.ends.isEmpty)
        for slot in 0..<8 { pool.hello(slot) }
        for token in 1...8 { pool.complete(token) }
        #expect(Set(pool.completed) == Set(1...8))
    }

    /// Each turn of the loop starts one worker for the waiting task, half a millisecond after the last.
    @Test func startsThatFailOneAfterAnotherInAFewMillisecondsCountAsOne() {
        var pool = PoolScript(workers: 8, greet: false) { $0.startsAll = false }
        pool.submit(1)
        pool.hello(0)
        pool.complete(1)
        pool.die(0)
        pool.submit(2)
        var failed: Set<WorkerID> = []
        for _ in 0..<8 {
            guard let worker = pool.lives.values.max(by: { $0.life < $1.life }) else { break }
            failed.insert(worker)
            pool.feed(.spawnFailed(worker, isHopeless: false))
            pool.advance(nanoseconds: 500_000)
        }
        #expect(failed.count >= 5)
        #expect(pool.end == nil && pool.ends.isEmpty)
    }

    @Test(arguments: [false, true])
    func whileOneWorkerWorksOthersMayFailToStart(isHopeless: Bool) {
        var pool = PoolScript(workers: 2, greet: false)
        pool.hello(0)
        pool.submit(1, 2, 3)
        for round in 1...20 {
            if isHopeless {
                pool.feed(.spawnFailed(pool.worker(1), isHopeless: true))
                pool.settle()
            } else {
                pool.die(1, signal: nil, status: 1, unread: 1)
            }
            #expect(pool.killed.isEmpty && pool.ends.isEmpty)
            // The first worker also gets the task that the second worker did not read.
            if round > 10, let sending = pool.sent.last(where: { $0.slot == 0 }) {
                pool.complete(sending.token)
            }
            pool.advance(milliseconds: 5_000)
        }
        #expect(Set(pool.completed) == [1, 2, 3])
        // After the end of the first worker, no worker is ready, so the start of the second worker decides
        // whether the pool ends.
        pool.die(0)
        pool.feed(.spawnFailed(pool.worker(0), isHopeless: false))
        pool.settle()
        #expect(pool.end == nil)
        pool.die(1, signal: nil, status: 1)
        #expect(pool.end != nil)
    }

    @Test func aResultResetsTheCountOfFailedStarts() {
        var pool = PoolScript(workers: 2, greet: false)
        pool.hello(0)
        for token in 1...10 {
            pool.die(1, signal: nil, status: 1, unread: 1)
            pool.submit(token)
            pool.complete(token)
            pool.advance(milliseconds: 5_000)
        }
        // Failures before the last result do not count.
        pool.feed(.bye(pool.worker(0)))
        pool.die(1, signal: nil, status: 1, unread: 1)
        #expect(pool.killed.isEmpty && pool.end == nil)
    }

    @Test func anotherCommandDoesTheTasksOfACommandThatCannotStart() {
        var pool = PoolScript(workers: 2, greet: false) { $0.commands = 2 }
        pool.hello(0)
        pool.submit(1, 2)
        #expect(pool.sent.last?.slot == 1)
        // The worker read the task, and died before its first line. The next worker in this slot is started
        // without a task.
        pool.die(1, signal: nil, status: 1)
        for token in 3...12 {
            if let inHand = pool.sent.last(where: { $0.slot == 0 }) { pool.complete(inHand.token) }
            pool.submit(token)
            pool.advance(milliseconds: 5_000)
            pool.die(1, signal: nil, status: 1, unread: 1)
            #expect(pool.killed.isEmpty && pool.ends.isEmpty)
        }
        #expect(pool.completed.contains(2))
    }

    @Test func poolContinuesWhileTheWorkerOfTheWorkingCommandRestarts() {
        var pool = PoolScript(workers: 2, greet: false) { $0.commands = 2 }
        pool.hello(0)
        pool.submit(1)
        for _ in 1...8 {
            pool.die(1, signal: nil, status: 1, unread: 1)
            pool.advance(milliseconds: 5_000)
        }
        pool.complete(1)
        pool.submit(2, 3)
        pool.die(0)
        pool.die(1, signal: nil, status: 1, unread: 1)
        #expect(pool.killed.isEmpty)
    }

    @Test func aCommandThatCannotBeRunEndsThePoolDespiteAWorkingCommand() {
        var pool = PoolScript(workers: 2, greet: false) { $0.commands = 2 }
        pool.hello(0)
        pool.submit(1, 2)
        pool.feed(.spawnFailed(pool.worker(1), isHopeless: true))
        pool.settle()
        #expect(pool.killed == [0])
    }

    @Test func backOffDoublesAfterEachFailedStart() {
        var pool = PoolScript(greet: false)
        pool.die(0, signal: nil, status: 1)
        pool.advance(milliseconds: 49)
        #expect(pool.spawns == 1)
        #expect(pool.state.nextWake() == PoolTime(nanoseconds: 50_000_000))
        pool.advance(milliseconds: 1)
        #expect(pool.spawns == 2)
        pool.die(0, signal: nil, status: 1)
        pool.advance(milliseconds: 99)
        #expect(pool.spawns == 2)
        pool.advance(milliseconds: 1)
        #expect(pool.spawns == 3)
        pool.submit(1)
        pool.complete(1)
        pool.die(0)
        #expect(pool.spawns == 4, "a worker that dies after a result is replaced at once")
    }

    @Test func afterAFailedStartAnotherTaskIsSentFirst() {
        var pool = PoolScript(greet: false)
        pool.submit(1, 2)
        pool.die(0, signal: 11, unread: 1)
        pool.advance(milliseconds: 50)
        #expect(pool.sent.map(\.token) == [1, 2])
        #expect(pool.ends.isEmpty)
    }

    @Test func deathOfAWorkerThatSaysNoHelloIsBlamedOnItsTask() {
        var pool = PoolScript(greet: false) { $0.crashRetries = 0 }
        pool.submit(1)
        #expect(pool.complete(1) == 1)
        pool.die(0, signal: nil, status: 1)
        pool.submit(2)
        pool.die(0, signal: 11)
        #expect(pool.ends == [2: .crashed(WorkerExit(signal: 11))])
    }

    @Test func programThatCannotBeRunEndsThePoolAtOnce() {
        var pool = PoolScript(greet: false)
        pool.submit(1)
        pool.feed(.spawnFailed(pool.worker(0), isHopeless: true))
        pool.settle()
        #expect(pool.end == .cannotStart(WorkerID(slot: 0, life: 0), WorkerExit(status: 127)))
        #expect(pool.ends == [1: .unstartable(WorkerExit(status: 127))])
    }

    @Test func poolDoesNotEndIfAWorkerCannotBeStartedWhileAnotherStarts() {
        var pool = PoolScript(workers: 2, greet: false)
        for task in 1...20 { pool.submit(task) }
        pool.feed(.spawnFailed(pool.worker(1), isHopeless: true))
        pool.settle()
        #expect(pool.end == nil)
        pool.hello(0)
        for task in 1...20 {
            pool.complete(task)
            pool.settle()
        }
        #expect(pool.ends.isEmpty && pool.end == nil)
    }

    @Test func deathOfTheOnlyStartingWorkerEndsThePoolIfNoOtherCouldStart() {
        var pool = PoolScript(workers: 2, greet: false)
        for task in 1...20 { pool.submit(task) }
        pool.feed(.spawnFailed(pool.worker(1), isHopeless: true))
        pool.die(0, signal: nil, status: 3, unread: 20)
        pool.settle()
        #expect(pool.end == .cannotStart(WorkerID(slot: 0, life: 0), WorkerExit(status: 3)))
    }

    @Test func drainEndsTheWorkersAfterTheTasks() {
        var pool = PoolScript(workers: 2)
        pool.submit(1)
        pool.feed(.drain)
        pool.settle()
        #expect(pool.drained.isEmpty)
        #expect(pool.state.wanted(at: pool.now) == 0)
        pool.complete(1)
        #expect(pool.drained == [0, 1])
        pool.feed(.bye(pool.worker(0)))
        pool.die(0, signal: nil)
        #expect(pool.end == nil)
        pool.die(1, signal: nil)
        #expect(pool.end == .drained)
        #expect(pool.state.restarts == 0)
    }

    @Test func tasksLeftAfterAByeAreRequeuedUnblamed() {
        var pool = PoolScript()
        pool.submit(1)
        pool.feed(.bye(pool.worker(0)))
        pool.die(0, signal: nil)
        pool.advance(milliseconds: 50)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.map(\.token) == [1, 1])
        #expect(pool.sent.map(\.attempt) == [1, 1])
    }

    @Test func taskThatFiveWorkersLeaveUndoneEnds() {
        var pool = PoolScript()
        pool.submit(1)
        for pause in [50, 100, 200, 400, 800] {
            #expect(pool.ends.isEmpty)
            pool.feed(.bye(pool.worker(0)))
            pool.die(0, signal: nil)
            #expect(!pool.isAlive(0), "without a pause, the restarts would keep a core busy")
            pool.advance(milliseconds: pause)
            pool.hello(0)
            pool.settle()
        }
        #expect(pool.ends == [1: .crashed(WorkerExit())])
        pool.submit(2)
        #expect(pool.complete(2) == 2)
    }

    @Test func taskEndsAfterFiveWorkersWithResultsSayByeAndExitWithStatus1() {
        var pool = PoolScript(workers: 2)
        for token in [1, 2, 3, 4] {
            pool.submit(token)
            pool.advance(milliseconds: 1)
            pool.complete(token)
        }
        pool.submit(9)
        for number in 1...5 {
            #expect(pool.ends.isEmpty)
            let slot = pool.sent.last { $0.token == 9 }?.slot ?? -1
            pool.submit(10 * number)
            #expect(pool.sent.last?.slot == 1 - slot)
            pool.complete(10 * number)
            pool.feed(.bye(pool.worker(slot)))
            pool.die(slot, signal: nil, status: 1)
            pool.advance(milliseconds: 50)
            pool.hello(slot)
            pool.settle()
        }
        #expect(pool.ends == [9: .crashed(WorkerExit(status: 1))])
    }

    @Test func returnOfATaskThatWasNotRecalledIsIgnored() {
        var pool = PoolScript()
        pool.submit(1)
        pool.feed(.returned(pool.worker(0), seq: pool.seq(of: 1)))
        pool.settle()
        #expect(pool.sent.count == 1)
        #expect(pool.complete(1) == 1)
    }

    @Test func stopKillsWorkersAndCancelsTasks() {
        var pool = PoolScript(workers: 2)
        pool.submit(1, 2, 3)
        pool.feed(.stop)
        #expect(pool.killed == [0, 1])
        #expect(pool.ends == [1: .cancelled, 2: .cancelled, 3: .cancelled])
        pool.die(0, signal: 9)
        pool.die(1, signal: 9)
        #expect(pool.end == .stopped)
        #expect(pool.spawns == 2)
    }

    @Test func workerThatClosesItsOutputAndLivesIsEnded() {
        var pool = PoolScript()
        pool.submit(1)
        pool.feed(.outputClosed(pool.worker(0)))
        pool.settle()
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 100)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        pool.hello(0)
        pool.settle()
        #expect(pool.complete(1) == 1)
    }

    @Test func noMoreWorkersThanTasksAreStartedOnDemand() {
        var pool = PoolScript(workers: 4, greet: false) { $0.startsAll = false }
        #expect(pool.spawns == 0)
        #expect(pool.state.wanted(at: pool.now) == 4)
        pool.submit(1)
        #expect(pool.spawns == 1)
        pool.hello(0)
        pool.complete(1)
        pool.submit(2)
        #expect(pool.spawns == 1, "an idle worker is used before another worker is started")
    }

    @Test func tasksAreTakenForAWorkerWhoseBackOffIsOver() {
        var pool = PoolScript(greet: false)
        pool.die(0)
        #expect(pool.state.wanted(at: pool.now) == 0)
        let due = PoolTime(nanoseconds: 50_000_000)
        #expect(pool.state.wanted(at: due) == 1)
    }

    @Test func workerThatDoesNothingIsReplacedAfterABackOff() {
        var pool = PoolScript()
        for pause in [50, 100, 200] {
            let spawns = pool.spawns
            pool.die(0, signal: nil)
            pool.advance(milliseconds: pause - 1)
            #expect(pool.spawns == spawns)
            pool.advance(milliseconds: 1)
            #expect(pool.spawns == spawns + 1)
            pool.hello(0)
            pool.settle()
        }
        #expect(pool.end == nil)
        pool.submit(1)
        pool.complete(1)
        pool.die(0)
        #expect(pool.state.wanted(at: pool.now) == 1)
    }

    @Test func workerThatDoesNotExitIsEnded() {
        var pool = PoolScript()
        pool.feed(.drain)
        pool.settle()
        #expect(pool.drained == [0])
        pool.advance(milliseconds: 4_999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0] && pool.killed.isEmpty)
        pool.advance(milliseconds: 1_000)
        #expect(pool.killed == [0])
        pool.die(0, signal: 9)
        #expect(pool.end == .drained)
    }
}
