// SPDX-License-Identifier: MIT
// fetchpool

import ExecutorFunctions
import Foundation
import ProcessPool
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// The states of futures, their callbacks, and cancellation.
@Suite(.ownThread) struct FutureTests {
    /// The texts that callbacks report, in order.
    private final class Log: @unchecked Sendable {
        // `lock` guards `entries`.
        private let lock = NSLock()
        private var entries: [String] = []

        func add(_ entry: String) {
            lock.lock()
            entries.append(entry)
            lock.unlock()
        }

        var all: [String] {
            lock.lock()
            defer { lock.unlock() }
            return entries
        }

        private var count: Int {
            lock.lock()
            defer { lock.unlock() }
            return entries.count
        }

        func waitFor(_ wanted: Int) async throws {
            while count < wanted { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func statesFollowTheTask() async throws {
        let folder = TestFolder()
        try await withTestPool(1) { pool async throws in
            let running = pool.submit(Functions.waitForFile, folder.file("gate"))
            let pending = pool.submit(Functions.nap, 1)
            let cancelled = pool.submit(Functions.nap, 1)
            #expect(pending.state == .pending)
            #expect(cancelled.cancel())
            #expect(cancelled.state == .cancelled)
            #expect(!cancelled.cancel(), "the task has ended")
            #expect(cancelled.isDone)
            #expect(cancelled.error is CancellationError)
            while running.state == .pending { try await Task.sleep(for: .milliseconds(1)) }
            #expect(running.state == .running)
            #expect(running.error == nil)
            try folder.write("", to: "gate")
            _ = try await running.value
            #expect(running.state == .finished)
            #expect(!running.cancel())
            _ = try await pending.value
            let failed = pool.submit(Functions.evenOnly, 1)
            _ = await error { try await failed.value }
            #expect(failed.state == .finished)
            #expect(failed.error is ProcessPoolError)
            #expect(!failed.cancel())
        }
    }

    @Test func valueCanBeAskedForAgainAndAfterTheShutdown() async throws {
        let pool = testPool()
        let future = pool.submit(Functions.double, 4)
        async let one = future.value
        async let two = future.value
        #expect(try await one + two == 16)
        await pool.shutdown()
        #expect(try await future.value == 8)
        #expect(try await future.result(timeout: .zero) == 8)
    }

    @Test func timeOutLeavesTheTaskAlone() async throws {
        let folder = TestFolder()
        try await withTestPool(1) { pool async throws in
            let future = pool.submit(Functions.waitForFile, folder.file("gate"))
            for timeout in [Duration.zero, .milliseconds(10)] {
                let thrown = await error { try await future.result(timeout: timeout) }
                #expect(thrown as? ProcessPoolError == .timedOut(timeout))
            }
            try folder.write("", to: "gate")
            #expect(try await future.result(timeout: .seconds(60)) > 1)
        }
    }

    @Test func timeOutEndsTheWaitOfACancelledSwiftTask() async throws {
        let folder = TestFolder()
        try await withTestPool(1, { $0.cancelGrace = .seconds(300) }) { pool async throws in
            // A cancelled task ends at once if the pool has not read the worker's first line, or if the
            // worker has not begun the task. So the test first waits for the result of another task. The
            // test cancels `waiter` only after the worker has begun the task of `future`.
            _ = try await pool.submit(Functions.double, 1).value
            let future = pool.submit(Functions.hang, folder.file("begun"))
            try await folder.wait(for: "begun")
            let waiter = OwnThread.task { try await future.result(timeout: .milliseconds(500)) }
            waiter.cancel()
            let thrown = await error { try await waiter.value }
            #expect(thrown as? ProcessPoolError == .timedOut(.milliseconds(500)))
            #expect(!future.isDone)
            pool.killWorkers()
        }
    }

    @Test func cancelledAsynchronousFunctionEndsAndItsWorkerStays() async throws {
        let folder = TestFolder()
        try await withTestPool(1, { $0.cancelGrace = .seconds(300) }) { pool async throws in
            // Once `double` has a result, the pool knows that the worker has started.
            _ = try await pool.submit(Functions.double, 1).value
            for name in ["first", "second"] {
                let future = pool.submit(Functions.waitForCancellation, folder.file(name))
                try await folder.wait(for: name)
                future.cancel()
                #expect(await error { try await future.value } is CancellationError)
            }
            #expect(try await pool.submit(Functions.double, 2).value == 4)
            #expect(pool.statistics.startedWorkers == 1)
        }
    }

    @Test func callbacksComeInOrderBeforeAndAfterTheEnd() async throws {
        let folder = TestFolder()
        try await withTestPool(1) { pool async throws in
            let log = Log()
            let future = pool.submit(Functions.waitForFile, folder.file("gate"))
            for number in 1...3 { future.onCompletion { log.add("\(number) \($0.state)") } }
            try folder.write("", to: "gate")
            _ = try await future.value
            try await log.waitFor(3)
            future.onCompletion { _ in log.add("4") }
            #expect(log.all == ["1 finished", "2 finished", "3 finished", "4"])
            let hanging = pool.submit(Functions.die, "hang")
            hanging.onCompletion { log.add($0.state.rawValue) }
            hanging.cancel()
            try await log.waitFor(5)
            #expect(log.all.last == "cancelled")
        }
    }

    @Test func callbackMayUseAndEndThePool() async throws {
        let pool = testPool(1)
        let log = Log()
        pool.submit(Functions.double, 1).onCompletion { _ in
            pool.submit(Functions.double, 2).onCompletion { second in
                log.add("\(second.error == nil)")
                pool.beginShutdown()
                log.add("closed")
            }
        }
        try await log.waitFor(2)
        await pool.shutdown()
        #expect(log.all == ["true", "closed"])
    }

    @Test func pendingTaskThatIsCancelledNeverRuns() async throws {
        let folder = TestFolder()
        let file = folder.file("calls")
        try await withTestPool(1) { pool async throws in
            _ = try await pool.submit(Functions.append, file).value
            _ = pool.submit(Functions.waitForFile, folder.file("gate"))
            let futures = (0..<100).map { _ in pool.submit(Functions.append, file) }
            for future in futures { future.cancel() }
            for future in futures { #expect(await error { try await future.value } is CancellationError) }
            try folder.write("", to: "gate")
            #expect(try await pool.submit(Functions.append, file).value == 2)
        }
    }

    @Test func cancelledRunningTaskEndsSoonAndFailsNoOtherTask() async throws {
        let folder = TestFolder()
        try await withTestPool(1) {
            $0.cancelGrace = .milliseconds(20)
        } _: { pool async throws in
            for try await _ in pool.map(Functions.double, 0..<200) {}
            let hanging = pool.submit(Functions.hang, folder.file("begun"))
            let others = (0..<10).map { pool.submit(Functions.double, $0) }
            try await folder.wait(for: "begun")
            #expect(hanging.cancel())
            #expect(await error { try await hanging.value } is CancellationError)
            #expect(hanging.state == .cancelled)
            for (number, future) in others.enumerated() { #expect(try await future.value == 2 * number) }
        }
    }

    @Test func cancelledTaskDoesNotWaitForTheStartOfItsWorker() async throws {
        let folder = TestFolder()
        try await withTestPool(1) {
            // The start of the worker lasts until the file is made.
            $0.environment["TEST_GATE"] = folder.file("gate")
            $0.startDeadline = .seconds(600)
        } _: { pool async throws in
            let first = pool.submit(Functions.double, 1)
            let second = pool.submit(Functions.double, 2)
            while first.state == .pending { try await Task.sleep(for: .milliseconds(1)) }
            #expect(first.cancel())
            #expect(await error { try await first.value } is CancellationError)
            #expect(first.state == .cancelled)
            #expect(!second.isDone, "the worker has not started")
            try folder.write("", to: "gate")
            #expect(try await second.value == 4)
        }
    }

    /// The program writes nothing, so the pool does not know whether a `hello` will come.
    @Test func cancelledFirstTaskOfAProgramWithoutHelloEndsSoon() async throws {
        let script = "while read -r line; do case \"$line\" in *'\"task\"'*) exec sleep 600;; esac; done"
        try await withProcessPool(.program("sh", arguments: ["-c", script])) { pool async throws in
            let hanging = pool.submit(1, returning: Int.self)
            while hanging.state == .pending { try await Task.sleep(for: .milliseconds(1)) }
            #expect(hanging.cancel())
            let thrown = await error { try await hanging.result(timeout: .seconds(5)) }
            #expect(thrown is CancellationError)
            pool.terminateWorkers()
        }
    }

    @Test func cancelledSwiftTaskCancelsTheTaskThatItWaitsFor() async throws {
        try await withTestPool(1) { pool async throws in
            let hanging = pool.submit(Functions.die, "hang")
            let behind = pool.submit(Functions.double, 1)
            for future in [behind, hanging] {
                let waiter = OwnThread.task { try await future.value }
                waiter.cancel()
                #expect(await error { try await waiter.value } is CancellationError)
                #expect(future.state == .cancelled)
            }
            let timed = pool.submit(Functions.die, "hang")
            let waiter = OwnThread.task { try await timed.result(timeout: .seconds(600)) }
            try await Task.sleep(for: .milliseconds(50))
            waiter.cancel()
            #expect(await error { try await waiter.value } is CancellationError)
        }
    }

    @Test(
        .disabled(
            if: Sanitizer.isUsed,
            "a sanitizer has memory of its own for each allocation"
        )
    )
    func manyFuturesInFlightAreSmall() throws {
        let run = try RunningProgram.run("executor-worker", ["futures"], within: .seconds(120))
        let numbers = run.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbers.count == 2, "\(run.output)\(run.errors)")
        #expect(numbers[0] < 1_024)
        #expect(numbers[1] == 99_999 * 100_000)
    }

    @Test(
        .disabled(
            if: Sanitizer.isUsed,
            "a sanitizer keeps memory of its own for freed memory"
        )
    )
    func waitThatIsOverKeepsLittleMemoryUntilItsTimeOut() throws {
        let run = try RunningProgram.run("executor-worker", ["timeouts"], within: .seconds(120))
        let bytes = try #require(run.lines.first.flatMap { Int($0) }, "\(run.output)\(run.errors)")
        #expect(bytes < 300)
    }

    @Test func futuresOfOneTaskAreEqual() async throws {
        try await withTestPool(1) { pool async throws in
            let future = pool.submit(Functions.double, 1)
            let copy = future
            #expect(copy == future)
            #expect(Set([future, copy, pool.submit(Functions.double, 1)]).count == 2)
        }
    }
}
