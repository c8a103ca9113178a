// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of starts, and of deaths before a worker's first line.
///
/// After such a death, the pool must find out whether the command cannot start or a task is to blame.
@Suite struct PoolStateStartTests {
    private let segfault = TaskEnd.crashed(WorkerExit(signal: 11))

    /// Returns a pool without retries whose workers have sent no line.
    private func silentPool(workers: Int = 1, _ change: (inout PoolOptions) -> Void = { _ in }) -> PoolScript
    {
        PoolScript(workers: workers, greet: false) {
            $0.crashRetries = 0
            change(&$0)
        }
    }

    @Test func endOfThePoolQuotesTheFloodBeforeTheFirstLine() {
        var pool = silentPool()
        pool.submit(1)
        for _ in 1...5 where pool.end == nil {
            while !pool.isAlive(0) { pool.advance(milliseconds: 50) }
            pool.flood(lines: 100_000)
            pool.die(0, signal: 15)
        }
        guard case .cannotStart(_, let exit)? = pool.end else {
            Issue.record("the pool has not ended")
            return
        }
        let words = "it printed 100000 lines, 200000 bytes, and no message of the worker protocol"
        #expect(exit.errorTail == [words])
    }

    @Test func deathDuringTheFirstTaskIsJudgedAfterAWorkerHasLivedWithoutATask() {
        var pool = silentPool()
        pool.submit(1, 2)
        pool.die(0)
        #expect(pool.ends.isEmpty)
        #expect(pool.spawns == 2)
        #expect(pool.tokens(sentTo: 0) == [1], "the second worker is started without a task")
        pool.advance(milliseconds: 499)
        #expect(pool.ends.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.ends == [1: segfault])
        #expect(pool.sent.last?.token == 2)
    }

    @Test(
        "if a start fails only after a while, the worker's task is not blamed",
        arguments: [600, 2_000, 7_000]
    )
    func lateFailureOfAStart(milliseconds: Int) {
        var pool = silentPool()
        pool.submit(1)
        for _ in 1...5 where pool.ends.isEmpty {
            // In some cases, the pool starts the next worker only after a back-off.
            while !pool.isAlive(0) { pool.advance(milliseconds: 50) }
            pool.advance(milliseconds: milliseconds)
            #expect(pool.ends.isEmpty)
            pool.die(0)
        }
        #expect(pool.ends == [1: .unstartable(WorkerExit(signal: 11))])
    }

    @Test func taskThatKillsItsWorkerLateIsBlamedOnceTheNextWorkerHasLivedTwiceAsLong() {
        var pool = silentPool()
        pool.submit(1)
        pool.advance(milliseconds: 2_000)
        pool.die(0)
        pool.advance(milliseconds: 3_999)
        #expect(pool.ends.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.ends == [1: segfault])
    }

    @Test func twentyTasksThatCrashAtTheStartEndAsCrashes() {
        var pool = silentPool(workers: 2)
        for token in 1...20 { pool.submit(token) }
        for _ in 1...30 {
            for slot in 0...1 where pool.isAlive(slot) && !pool.tokens(sentTo: slot).isEmpty {
                guard let last = pool.sent.last(where: { $0.slot == slot }), pool.ends[last.token] == nil
                else { continue }
                pool.die(slot)
            }
            pool.advance(milliseconds: 500)
        }
        #expect(pool.end == nil)
        #expect(pool.ends.count == 20)
        #expect(pool.ends.values.allSatisfy { $0 == segfault })
    }

    @Test func blamedFirstTaskIsRetriedByTheWorkerThatTestedTheCommand() {
        var pool = silentPool { $0.crashRetries = 1 }
        pool.submit(1)
        pool.die(0)
        pool.advance(milliseconds: 500)
        #expect(pool.triedAgain.map(\.token) == [1])
        #expect(pool.sent.last == PoolScript.Sending(slot: 0, token: 1, seq: pool.seq(of: 1), attempt: 2))
        pool.die(0)
        #expect(pool.ends == [1: segfault])
    }

    @Test func resultOfTheSecondWorkerShowsThatTheCommandCanStart() {
        var pool = silentPool(workers: 2)
        pool.submit(1, 2)
        pool.die(0)
        #expect(pool.complete(2) == 2)
        #expect(pool.ends == [1: segfault])
    }

    @Test func workersThatDieWithoutATaskShowThatTheCommandCannotStart() {
        var pool = silentPool(workers: 2)
        pool.submit(1, 2)
        pool.die(0)
        pool.die(1)
        #expect(pool.end == nil)
        for slot in [0, 1, 0] {
            #expect(pool.ends.isEmpty)
            pool.advance(milliseconds: 100)
            pool.die(slot, signal: nil, status: 3)
        }
        #expect(
            pool.ends == [1: .unstartable(WorkerExit(status: 3)), 2: .unstartable(WorkerExit(status: 3))]
        )
    }

    @Test func taskIsNotBlamedIfTheNextWorkerSaysHello() {
        var pool = silentPool()
        pool.submit(1)
        pool.die(0)
        pool.hello(0)
        pool.settle()
        #expect(pool.ends.isEmpty)
        #expect(pool.complete(1) == 1)
    }

    @Test(arguments: [false, true])
    func aWorkerThatSaidHelloBeforeItsDeathMayHaveBegunItsTask(mayRepeat: Bool) {
        var pool = silentPool()
        pool.submit(1, mayRepeat: mayRepeat)
        // The pool refuses the first line, because this line announces another version. Then the worker says
        // a usable `hello`, and dies.
        pool.feed(.refused(pool.worker(0), unread: 0))
        pool.hello(0, unread: 0)
        pool.die(0, signal: nil)
        #expect(pool.ends.isEmpty)
        pool.hello(0)
        pool.settle()
        #expect(pool.sent.count == (mayRepeat ? 2 : 1))
        #expect(pool.ends[1].map { if case .lost = $0 { true } else { false } } ?? false == !mayRepeat)
    }

    @Test func unreadTaskIsNotBlamed() {
        var pool = silentPool()
        pool.submit(900)
        pool.complete(900)
        pool.submit(1, mayRepeat: false)
        pool.die(0, unread: 1)
        #expect(pool.ends.isEmpty)
        #expect(pool.complete(1) == 1)
    }

    @Test func taskEndsAfterManyWorkersThatReadNothing() {
        var pool = silentPool()
        for _ in 1...20 where pool.ends.isEmpty && pool.end == nil {
            pool.hello(0)
            if pool.sent.isEmpty { pool.submit(1) } else { pool.settle() }
            pool.die(0, unread: 1)
            pool.advance(milliseconds: 5_000)
        }
        #expect(pool.ends == [1: segfault])
    }

    @Test func withoutRetriesNoTaskWaitsInASilentWorker() {
        var pool = silentPool()
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        pool.submit(1, 2)
        #expect(pool.sent.map(\.token) == [900, 1])
    }

    @Test func nextTaskOfAWorkerThatExitsAfterAResultIsNotBlamed() {
        var pool = silentPool { $0.crashRetries = 1 }
        pool.submit(900)
        pool.advance(milliseconds: 1)
        pool.complete(900)
        pool.submit(1, 2)
        pool.complete(1)
        pool.die(0, signal: nil)
        #expect(pool.triedAgain.isEmpty && pool.ends.isEmpty)
        #expect(pool.complete(2) == 2)
    }

    @Test func echoOfTheFirstLineIsAFailedStart() {
        var pool = silentPool()
        pool.submit(1)
        let line = UnusableLine(
            shown: "{\"t\":\"init\"}",
            reason: "it repeats a line that its coordinator sent",
            bytes: 12
        )
        for _ in 1...5 {
            #expect(pool.ends.isEmpty)
            pool.feed(.echoed(pool.worker(0), line))
            #expect(pool.terminated == [0])
            pool.die(0, signal: 15)
            pool.advance(milliseconds: 5_000)
        }
        #expect(pool.ends == [1: .unstartable(WorkerExit(signal: 15))])
    }

    @Test func echoThatAPagePrintedIsAStrayLine() {
        var pool = PoolScript()
        pool.submit(1)
        pool.feed(
            .echoed(
                pool.worker(0),
                UnusableLine(shown: "{}", reason: "it repeats a line that its coordinator sent", bytes: 3)
            )
        )
        pool.settle()
        #expect(pool.terminated.isEmpty)
        #expect(pool.complete(1) == 1)
    }

    @Test func helloThatAPageMayHaveForgedDoesNotExcuseLaterDeaths() {
        var pool = silentPool()
        pool.submit(1)
        pool.hello(0, unread: 0)
        pool.complete(1)
        pool.submit(2)
        pool.die(0)
        pool.submit(3)
        pool.die(0)
        // Workers of the command seem to say `hello`, so the pool waits for a `hello` until the start
        // deadline.
        pool.advance(milliseconds: 59_999)
        #expect(pool.ends == [2: segfault])
        pool.advance(milliseconds: 1)
        #expect(pool.ends == [2: segfault, 3: segfault])
    }

    @Test func lateBlameStillShowsThatTheWorkerUsedTooMuchMemory() {
        var pool = silentPool()
        pool.submit(1)
        pool.feed(.outgrew(pool.worker(0)))
        pool.die(0, signal: 9)
        #expect(pool.ends.isEmpty)
        pool.advance(milliseconds: 500)
        guard case .crashed(let exit) = pool.ends[1] else {
            Issue.record("the task did not end as a crash: \(pool.ends)")
            return
        }
        #expect(exit.isOutOfMemory)
    }

    @Test func lateBlameStillSaysHowMuchTheWorkerPrinted() {
        var pool = silentPool()
        pool.submit(1)
        let line = UnusableLine(shown: "progress 1%", reason: "not JSON", bytes: 65 << 20)
        pool.feed(.garbage(pool.worker(0), line))
        #expect(pool.terminated == [0])
        pool.die(0, signal: 15)
        pool.advance(milliseconds: 500)
        #expect(pool.complaints[1]?.hasPrefix("its worker printed 1 line, ") == true)
    }

    @Test func deathOfAWorkerOfAnotherVersionIsNotBlamedOnItsTask() {
        var pool = PoolScript(workers: 1, greet: false) { $0.crashRetries = 0 }
        pool.submit(1)
        pool.feed(.refused(pool.worker(0), unread: 1))
        #expect(pool.terminated == [0])
        // The worker was refused, so its exit counts as a failed start, even after a `hello`.
        pool.hello(0, concurrency: 4, unread: 0)
        pool.die(0, signal: nil, status: 3)
        pool.advance(milliseconds: 5_000)
        pool.hello(0, concurrency: 4)
        pool.settle()
        #expect(pool.complete(1) == 1)
    }

    @Test func commandInDoubtCausesNoStartOfAWorkerOfAnotherCommand() {
        var pool = PoolScript(workers: 3, greet: false) {
            ($0.commands, $0.crashRetries, $0.startsAll) = (2, 0, false)
        }
        pool.submit(1, 2, 3)
        #expect(pool.spawns == 3)
        pool.complete(1)
        pool.complete(3)
        pool.die(0, signal: nil)
        #expect(pool.spawns == 3)
        pool.die(1)
        // The new worker shows whether the second command can start. The first command gets no new worker.
        #expect(pool.spawns == 4)
        #expect(pool.isAlive(1) && !pool.isAlive(0))
        pool.advance(milliseconds: 500)
        #expect(pool.ends == [2: segfault])
    }

    @Test func workersAreStartedForExpectedTasks() {
        var pool = PoolScript(workers: 8, greet: false) { $0.startsAll = false }
        #expect(pool.spawns == 0)
        pool.expect(tasks: 3)
        #expect(pool.spawns == 3)
        pool.expect(tasks: 1)
        #expect(pool.spawns == 3)
    }
}
