// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import ProcessPool
import Testing

/// Tests of child coordinators and fetch workers: the confirmation of `start`, lost connections, and the
/// blame for the ends of these workers.
@Suite struct PoolStateRemoteTests {
    /// Returns a pool of `workers` child coordinators, which may be on other machines.
    private func coordinators(
        _ workers: Int = 1,
        concurrency: Int = 4,
        _ change: (inout PoolOptions) -> Void = { _ in }
    ) -> PoolScript {
        PoolScript(workers: workers, concurrency: concurrency, name: "fetchpool") { options in
            options.trustedNames = ["fetchpool", "fetchpool-fetch"]
            options.workersAreRemote = true
            change(&options)
        }
    }

    /// Returns a pool of two machines that have not said `hello`.
    private func startingMachines(_ change: (inout PoolOptions) -> Void = { _ in }) -> PoolScript {
        PoolScript(workers: 2, greet: false) { options in
            options.trustedNames = ["fetchpool"]
            (options.workersAreRemote, options.startsMachines) = (true, true)
            change(&options)
        }
    }

    @Test func machineGetsNoTaskBeforeItsHello() {
        var pool = startingMachines()
        pool.submit(1, 2)
        #expect(pool.sent.isEmpty)
        pool.hello(1, concurrency: 1, name: "fetchpool")
        pool.settle()
        for token in 1...2 { #expect(pool.complete(token) == token) }
        #expect(pool.tokens(sentTo: 1) == [1, 2])
        pool.feed(.drain)
        pool.settle()
        #expect(pool.drained == [0, 1])
    }

    @Test func machineThatSaysNoHelloIsEndedAfterTheStartDeadlineEvenWithoutATask() {
        var pool = startingMachines { ($0.startDeadline, $0.failedStartLimit) = (3_000, 4) }
        pool.advance(milliseconds: 2_000)
        #expect(pool.state.nextWake() == pool.now + 1_000)
        pool.submit(1)
        pool.advance(milliseconds: 999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0, 1])
        for slot in 0...1 { pool.die(slot, signal: SIGTERM) }
        #expect(pool.end == nil && pool.spawns == 2)
        pool.advance(milliseconds: 50)
        #expect(pool.spawns == 4)
        pool.advance(milliseconds: 3_000)
        for slot in 0...1 { pool.die(slot, signal: SIGTERM) }
        guard case .cannotStart = pool.end else {
            Issue.record("\(String(describing: pool.end))")
            return
        }
    }

    @Test func useSaysWhetherAllMachinesAreBeingStarted() {
        var pool = startingMachines()
        #expect(pool.state.use(at: pool.now).isStarting)
        pool.hello(0, concurrency: 4, name: "fetchpool")
        #expect(!pool.state.use(at: pool.now).isStarting)
        pool.die(0, signal: nil, status: 255)
        pool.die(1, signal: nil, status: 255)
        #expect(pool.state.use(at: pool.now).isStarting)
    }

    @Test func endOfAMachineIsExplainedWithTheReasonOfThePool() {
        var pool = startingMachines { $0.startDeadline = 3_000 }
        pool.hello(0, concurrency: 4, name: "fetchpool")
        pool.submit(1)
        pool.advance(milliseconds: 5_000)
        #expect(pool.terminated == [0, 1])
        let exit = WorkerExit(status: 255)
        let silent = pool.state.explain(exit, of: pool.worker(0))
        #expect(silent.wasSilent && !silent.wasLate && !silent.wasRefused)
        let late = pool.state.explain(exit, of: pool.worker(1))
        #expect(late.wasLate && !late.wasSilent && !late.wasRefused)
        for slot in 0...1 { pool.die(slot, signal: SIGTERM) }
        pool.advance(milliseconds: 50)
        pool.feed(.refused(pool.worker(0), unread: 0))
        let refused = pool.state.explain(exit, of: pool.worker(0))
        #expect(refused.wasRefused && !refused.wasSilent && !refused.wasLate)
    }

    @Test func suspectOfALostMachineIsNotSentToAStartingMachine() {
        var pool = startingMachines { $0.lossLimit = 0 }
        pool.hello(1, concurrency: 4, name: "fetchpool")
        pool.settle()
        pool.submit(1)
        for _ in 1...2 {
            pool.die(1, signal: nil, status: 255)
            pool.advance(milliseconds: 10_000)
            pool.hello(1, concurrency: 4, name: "fetchpool")
            pool.settle()
        }
        pool.submit(2)
        #expect(pool.tokens(sentTo: 0).isEmpty)
        #expect(pool.complete(1) == 1)
    }

    @Test func startIsConfirmedOnce() {
        var pool = coordinators()
        pool.submit(1, mayRepeat: false)
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        #expect(pool.confirmed == [pool.seq(of: 1)])
    }

    @Test func startOfAnUnknownTaskIsNotConfirmed() {
        var pool = coordinators()
        pool.submit(1, mayRepeat: false)
        pool.feed(.started(pool.worker(0), seq: 77))
        #expect(pool.confirmed.isEmpty)
    }

    @Test func workerThatIsEndedGetsNoConfirmation() {
        var pool = coordinators { $0.memoryLimitKB = 1 }
        pool.submit(1, mayRepeat: false)
        pool.feed(.outgrew(pool.worker(0)))
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        #expect(pool.confirmed.isEmpty)
    }

    @Test func localWorkersGetNoConfirmation() {
        var pool = coordinators { $0.workersAreRemote = false }
        pool.submit(1, mayRepeat: false)
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        #expect(pool.confirmed.isEmpty)
    }

    @Test(arguments: [1, 4])
    func tenLostConnectionsAreBlamedOnNoTask(concurrency: Int) {
        var pool = coordinators(concurrency: concurrency)
        pool.submit(1)
        for _ in 0..<10 {
            pool.die(0, signal: nil, status: 255)
            pool.advance(milliseconds: 10_000)
            pool.hello(0, concurrency: concurrency, name: "fetchpool")
            pool.settle()
        }
        #expect(pool.ends.isEmpty)
        #expect(pool.complete(1) == 1)
    }

    @Test func taskThatEndsEachCoordinatorEndsAtLast() {
        var pool = coordinators { $0.lossLimit = 3 }
        pool.submit(1)
        for _ in 0..<6 where pool.ends.isEmpty {
            pool.die(0, signal: nil, status: 255)
            pool.advance(milliseconds: 10_000)
            pool.hello(0, concurrency: 4, name: "fetchpool")
            pool.settle()
        }
        #expect(pool.ends == [1: .crashed(WorkerExit(status: 255)).plain])
    }

    @Test func lostUnrepeatableTaskThatMayHaveBegunEnds() {
        var pool = coordinators()
        pool.submit(1, 2, mayRepeat: false)
        pool.feed(.started(pool.worker(0), seq: pool.seq(of: 1)))
        pool.die(0, signal: nil, status: 255)
        #expect(pool.ends == [1: .lost(WorkerExit(status: 255)).plain])
        pool.advance(milliseconds: 10_000)
        pool.hello(0, concurrency: 4, name: "fetchpool")
        pool.settle()
        #expect(pool.complete(2) == 2)
    }

    @Test func fiveEndsOfSilentCoordinatorsAreBlamedOnNoTask() {
        var pool = coordinators()
        pool.submit(1)
        for _ in 0..<5 {
            pool.advance(milliseconds: 5_000)
            #expect(pool.terminated.contains(0))
            pool.die(0, signal: SIGTERM)
            pool.advance(milliseconds: 10_000)
            pool.hello(0, concurrency: 4, name: "fetchpool")
            pool.settle()
        }
        #expect(pool.ends.isEmpty)
    }

    /// The worker is a child coordinator, or begins its tasks in order.
    @Test(arguments: [true, false])
    func workerThatSendsALongLineSlowlyIsNotSilent(isCoordinator: Bool) {
        var pool = isCoordinator ? coordinators() : PoolScript(workers: 1) { $0.beginsInOrder = true }
        pool.submit(1)
        for _ in 0..<20 {
            pool.advance(milliseconds: 1_000)
            pool.feed(.sentPart(pool.worker(0)))
        }
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 4_999)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
    }

    @Test func incompleteLineOfAFetchWorkerDoesNotEndItsSilence() {
        var pool = PoolScript(concurrency: 4, name: "fetchpool-fetch") {
            $0.trustedNames = ["fetchpool-fetch"]
        }
        pool.submit(1)
        pool.advance(milliseconds: 4_000)
        pool.feed(.sentPart(pool.worker(0)))
        pool.advance(milliseconds: 1_000)
        #expect(pool.terminated == [0])
    }

    @Test(arguments: [(SIGKILL, false), (SIGTERM, false), (SIGSEGV, true)])
    func endOfAFetchWorkerIsBlamedOnlyIfItCrashed(signal: Int32, isBlamed: Bool) {
        var pool = PoolScript(concurrency: 4, name: "fetchpool-fetch") {
            $0.trustedNames = ["fetchpool-fetch"]
        }
        pool.submit(1)
        for _ in 0..<3 {
            pool.die(0, signal: signal)
            pool.advance(milliseconds: 10_000)
            pool.hello(0, concurrency: 4, name: "fetchpool-fetch")
            pool.settle()
        }
        #expect(pool.ends.isEmpty != isBlamed)
    }

    @Test(arguments: [(true, 40, true), (false, 40, false), (true, 80, false)])
    func coordinatorsThatHaveStartedAreRestartedForAMinute(haveStarted: Bool, seconds: Int, goesOn: Bool) {
        var pool = PoolScript(concurrency: 4, name: "fetchpool", greet: haveStarted) {
            $0.trustedNames = ["fetchpool"]
        }
        if haveStarted {
            pool.submit(1)
            pool.complete(1)
        }
        pool.die(0, signal: nil, status: 255)
        for _ in 0..<seconds / 5 where pool.end == nil {
            pool.advance(milliseconds: 5_000)
            pool.die(0, signal: nil, status: 255)
        }
        #expect((pool.end == nil) == goesOn)
    }

    @Test(arguments: [2, 3, 4])
    func coordinatorsThatCannotWorkEndThePoolAfterTheirHello(status: Int32) {
        var pool = coordinators()
        pool.submit(1)
        pool.submit(2, mayRepeat: false)
        for _ in 1...5 {
            #expect(pool.end == nil)
            pool.die(0, signal: nil, status: status)
            guard pool.end == nil else { break }
            pool.advance(milliseconds: 5_000)
            pool.hello(0, concurrency: 4, name: "fetchpool")
            pool.settle()
        }
        let exit = WorkerExit(status: status).plain
        #expect(pool.end.map { if case .cannotStart = $0 { true } else { false } } == true)
        #expect(pool.ends == [1: .unstartable(exit), 2: .unstartable(exit)])
    }

    @Test func exitWithStatus4AfterAResultCountsAsALossOfTheCoordinator() {
        var pool = coordinators()
        for task in 1...8 {
            pool.submit(task)
            pool.complete(task)
            pool.submit(100 + task)
            pool.die(0, signal: nil, status: 4)
            pool.advance(milliseconds: 5_000)
            pool.hello(0, concurrency: 4, name: "fetchpool")
            pool.settle()
            #expect(pool.complete(100 + task) == 100 + task)
        }
        #expect(pool.end == nil)
    }

    @Test(arguments: [("fetchpool", 8_000), ("fetchpool-fetch", 5_000)])
    func coordinatorHasMoreTimeToExitThanAFetchWorker(name: String, milliseconds: Int) {
        var pool = PoolScript(concurrency: 4, name: name) { $0.trustedNames = [name] }
        pool.feed(.drain)
        pool.settle()
        #expect(pool.drained == [0])
        pool.advance(milliseconds: milliseconds - 1)
        #expect(pool.terminated.isEmpty)
        pool.advance(milliseconds: 1)
        #expect(pool.terminated == [0])
    }
}
