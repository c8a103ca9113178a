// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of the deadlines of workers, and of the effect that a missed deadline has on each task.
@Suite struct PoolStateDeadlineTests {
    private let killed = WorkerExit(signal: 15)

    /// Returns a pool with a task deadline of a second.
    ///
    /// The pool has done one cheap task, so a worker may hold several tasks.
    private func warmPool(workers: Int = 1, crashRetries: Int = 1) -> PoolScript {
        var pool = PoolScript(workers: workers) {
            $0.taskDeadline = 1_000
            $0.crashRetries = crashRetries
        }
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        return pool
    }

    @Test func deadlineCountsFromTheTimeAtWhichTheWorkerCouldBeginTheTask() {
        var pool = warmPool()
        pool.submit(1, 2)
        pool.advance(milliseconds: 900)
        pool.complete(1)
        pool.advance(milliseconds: 999)
        #expect(pool.terminated.isEmpty, "the 900 ms of task 1 do not count for task 2")
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        #expect(pool.ends == [2: .pastDeadline(killed)])
    }

    /// The worker may have begun task 2 at any time since the turn of the loop began.
    ///
    /// So the measured time of task 2 counts from the beginning of the turn. But the deadline of task 2
    /// counts from the moment at which the loop read the result of task 1.
    @Test func longTurnDoesNotShortenTheDeadlineOfTheNextTask() {
        var pool = warmPool()
        pool.submit(1, 2)
        pool.beginTurn()
        pool.advance(milliseconds: 900)
        pool.complete(1)
        pool.advance(milliseconds: 999)
        #expect(pool.terminated.isEmpty)
        pool.complete(2)
        #expect(pool.nanosecondsInHand == 1_899_000_000)
    }

    @Test func onlyTheLateTaskEndsWithItsWorker() {
        var pool = warmPool()
        pool.submit(1, 2, 3)
        pool.advance(milliseconds: 1_000)
        #expect(pool.ends.isEmpty, "the task ends only after the worker is gone")
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .pastDeadline(killed)])
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.suffix(2).map(\.token) == [2, 3])
        #expect(pool.sent.suffix(2).map(\.attempt) == [1, 1])
        #expect(pool.triedAgain.isEmpty)
    }

    @Test func resultThatIsReadAfterTheDeadlineCounts() {
        var pool = warmPool()
        pool.submit(1, 2)
        pool.advance(milliseconds: 1_000)
        #expect(pool.complete(1) == 1)
        pool.die(0, signal: 15)
        #expect(pool.ends.isEmpty)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.last?.token == 2)
        #expect(pool.sent.last?.attempt == 1)
    }

    @Test func unrepeatableTaskThatMayHaveBegunIsNotRequeued() {
        var pool = warmPool()
        pool.submit(1)
        pool.submit(2, mayRepeat: false)
        pool.advance(milliseconds: 1_000)
        pool.complete(1)
        pool.die(0, signal: 15)
        #expect(pool.ends == [2: .lost(killed)])
    }

    @Test func workerThatIgnoresSIGTERMIsKilledAfterASecond() {
        var pool = warmPool()
        pool.submit(1)
        pool.advance(milliseconds: 1_000)
        #expect(pool.killed.isEmpty)
        pool.advance(milliseconds: 999)
        #expect(pool.killed.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.killed == [0])
    }

    @Test func byeAfterTheDeadlineDoesNotRequeueTheTask() {
        var pool = warmPool()
        pool.submit(1)
        pool.advance(milliseconds: 1_000)
        pool.feed(.bye(pool.worker(0)))
        pool.die(0, signal: nil, status: 0)
        #expect(pool.ends == [1: .pastDeadline(WorkerExit())])
    }

    @Test func firstTaskOfAStartingWorkerHasTheStartDeadlinePlusTheTaskDeadline() {
        var pool = PoolScript(greet: false) { $0.taskDeadline = 1_000 }
        pool.submit(1)
        #expect(pool.sent.count == 1)
        pool.advance(milliseconds: 60_999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .pastDeadline(killed)])
        #expect(pool.end == nil)
    }

    @Test func knownShortStartShortensTheDeadlineOfTheFirstTask() {
        var pool = PoolScript(greet: false) { $0.taskDeadline = 1_000 }
        pool.submit(1, 2)
        pool.advance(milliseconds: 3_000)
        pool.complete(1)
        pool.die(0)
        #expect(pool.triedAgain.map(\.token) == [2])
        pool.advance(milliseconds: 12_999)
        #expect(
            pool.terminated.isEmpty,
            "here the limit is four times the start of 3 s, plus the task deadline of 1 s"
        )
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
    }

    @Test func unreadTaskIsNotLateIfItsWorkerHangsDuringTheStart() {
        var pool = PoolScript(greet: false) { $0.taskDeadline = 1_000 }
        pool.submit(1)
        pool.advance(milliseconds: 61_000)
        pool.die(0, signal: 15, unread: 1)
        #expect(pool.ends.isEmpty)
        pool.advance(milliseconds: 50)
        #expect(pool.complete(1) == 1)
    }

    @Test func fiveWorkersThatHangDuringTheStartEndThePool() {
        var pool = PoolScript(greet: false) { $0.taskDeadline = 1_000 }
        pool.submit(1, 2, 3, 4, 5, 6)
        for _ in 1...5 {
            #expect(pool.end == nil)
            pool.advance(milliseconds: 61_000)
            pool.die(0, signal: 15, unread: 1)
            pool.advance(milliseconds: 5_000)
        }
        pool.settle()
        #expect(pool.end.map { if case .cannotStart = $0 { true } else { false } } == true)
        #expect(pool.ends[6] == .unstartable(killed))
    }

    @Test func deadlineOfTheFirstTaskCountsFromTheHello() {
        var pool = PoolScript(greet: false) { $0.taskDeadline = 1_000 }
        pool.submit(1)
        pool.advance(milliseconds: 3_000)
        pool.hello(0)
        pool.advance(milliseconds: 999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
    }

    @Test func startedTaskOfAConcurrentWorkerHasADeadlineOfItsOwn() {
        var pool = PoolScript(concurrency: 4) { $0.taskDeadline = 1_000 }
        pool.submit(1, 2, 3)
        pool.advance(milliseconds: 700)
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 2)))
        pool.advance(milliseconds: 999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        pool.die(0, signal: 15)
        #expect(pool.ends == [2: .pastDeadline(killed)])
        pool.hello(0, concurrency: 4)
        pool.settle()
        #expect(pool.sent.suffix(2).map(\.token) == [1, 3])
    }

    @Test func withoutStartTheDeadlineInAConcurrentWorkerCountsFromTheSending() {
        var pool = PoolScript(concurrency: 4) { $0.taskDeadline = 1_000 }
        pool.submit(1)
        pool.advance(milliseconds: 500)
        pool.submit(2, 3)
        pool.advance(milliseconds: 100)
        pool.complete(2)
        pool.advance(milliseconds: 399)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        #expect(pool.ends == [1: .pastDeadline(killed)], "the pool sent the signal, so this is no crash")
        pool.hello(0, concurrency: 4)
        pool.settle()
        #expect(pool.sent.last?.token == 3)
    }

    @Test func concurrentWorkerThatSaysNoStartHoldsNoWaitingTasksUnderADeadline() {
        var pool = PoolScript(concurrency: 2) { $0.taskDeadline = 1_000 }
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        pool.submit(1, 2, 3)
        #expect(pool.sent.map(\.token) == [900, 1, 2])
    }

    @Test func taskThatIsAloneInAStuckWorkerEndsAsLate() {
        var pool = PoolScript(concurrency: 4, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1, bound: 2_000)
        for _ in 1...3 {
            pool.advance(milliseconds: 2_000)
            pool.die(0, signal: 15)
            pool.hello(0, concurrency: 4, name: "ours")
            pool.settle()
        }
        #expect(pool.ends == [1: .pastDeadline(killed)])
    }

    @Test func concurrentWorkerWithoutProgressIsEnded() {
        var pool = PoolScript(concurrency: 4, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1, 2, bound: 5_000)
        pool.advance(milliseconds: 4_000)
        pool.complete(1)
        pool.advance(milliseconds: 4_000)
        // Without this beat, the worker would be ended because it is silent.
        pool.feed(.beat(pool.worker(0), isHeld: false))
        pool.advance(milliseconds: 999)
        #expect(pool.terminated.isEmpty, "a result shows that the worker makes progress")
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        pool.hello(0, concurrency: 4, name: "ours")
        pool.settle()
        #expect(pool.ends.isEmpty, "task 2 is requeued")
        #expect(pool.sent.last?.token == 2)
    }

    @Test(arguments: [1, 4])
    func childCoordinatorThatBeatsIsNotEndedForALackOfResults(concurrency: Int) {
        var pool = PoolScript(concurrency: concurrency, name: "fetchpool") {
            $0.trustedNames = ["fetchpool"]
            $0.taskDeadline = 1_000
        }
        pool.submit(1, 2, bound: 5_000)
        for _ in 1...20 {
            pool.advance(milliseconds: 1_000)
            pool.feed(.beat(pool.worker(0), isHeld: false))
        }
        #expect(pool.terminated.isEmpty, "the child ends its tasks by itself")
        pool.advance(milliseconds: 5_000)
        #expect(pool.terminated == [0], "a silent child is ended")
    }

    @Test func workerThatWaitsForSpaceInTheSpoolIsNotEnded() {
        var pool = PoolScript(concurrency: 4, name: "ours") {
            $0.trustedNames = ["ours"]
            $0.respectsFullSpool = true
        }
        pool.submit(1, bound: 5_000)
        for _ in 1...30 {
            pool.advance(milliseconds: 1_000)
            pool.feed(.beat(pool.worker(0), isHeld: true))
        }
        #expect(pool.terminated.isEmpty)
        for _ in 1...5 {
            pool.feed(.beat(pool.worker(0), isHeld: false))
            pool.advance(milliseconds: 1_000)
        }
        #expect(pool.terminated == [0])
    }

    @Test(arguments: [(true, false), (false, true)])
    func fullSpoolExcusesOnlyTrustedWorkersOfAPoolWithASpool(isTrusted: Bool, hasSpool: Bool) {
        var pool = PoolScript(concurrency: 2, name: isTrusted ? "ours" : "theirs") {
            $0.trustedNames = ["ours"]
            $0.respectsFullSpool = hasSpool
        }
        pool.submit(1, bound: 5_000)
        for _ in 1...5 {
            pool.feed(.beat(pool.worker(0), isHeld: true))
            pool.advance(milliseconds: 1_000)
        }
        #expect(pool.terminated == [0])
    }

    @Test func beatDuringATaskSetsNoLimitForLaterTasks() {
        var pool = PoolScript(greet: false)
        pool.submit(1)
        pool.feed(.beat(pool.worker(0), isHeld: false))
        pool.advance(milliseconds: 10)
        pool.complete(1)
        pool.submit(2)
        pool.advance(milliseconds: 3_600_000)
        #expect(pool.terminated.isEmpty)
    }

    @Test func frozenTrustedWorkerIsEndedEvenBeforeItsFirstBeat() {
        var pool = PoolScript(concurrency: 4, name: "ours") { $0.trustedNames = ["ours"] }
        pool.submit(1, bound: 180_000)
        pool.advance(milliseconds: 5_000)
        #expect(pool.terminated == [0])
    }

    @Test func frozenFunctionWorkerIsEndedEvenBeforeItsFirstBeat() {
        var pool = PoolScript { $0.beginsInOrder = true }
        pool.submit(1)
        pool.advance(milliseconds: 4_999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 9)
        #expect(pool.ends == [1: .pastDeadline(WorkerExit(signal: 9))])
    }

    @Test func beatingWorkerThatBecomesSilentDuringATaskIsEnded() {
        var pool = PoolScript()
        pool.feed(.beat(pool.worker(0), isHeld: false))
        pool.advance(milliseconds: 60_000)
        #expect(pool.terminated.isEmpty, "a worker without a task may be silent")
        pool.submit(1)
        for _ in 1...20 {
            pool.advance(milliseconds: 1_000)
            pool.feed(.beat(pool.worker(0), isHeld: false))
        }
        pool.advance(milliseconds: 4_999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 9)
        #expect(pool.ends == [1: .pastDeadline(WorkerExit(signal: 9))])
    }

    @Test func silenceOfAConcurrentWorkerIsBlamedOnNoTask() {
        var pool = PoolScript(concurrency: 4)
        pool.submit(1, 2)
        pool.feed(.beat(pool.worker(0), isHeld: false))
        pool.advance(milliseconds: 5_000)
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        #expect(pool.ends.isEmpty)
    }

    @Test func untrustedWorkerThatHasSentNoBeatMayBeSilent() {
        var pool = PoolScript()
        pool.submit(1)
        pool.advance(milliseconds: 3_600_000)
        #expect(pool.terminated.isEmpty)
    }
}
