// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests of workers that work on several tasks at the same time.
@Suite(.ownThread)
struct ConcurrentWorkerTests {
    private func worker() throws -> RunningProgram {
        let worker = try RunningProgram.worker("kit-worker", ["concurrent"])
        try worker.begin()
        #expect(try worker.line()?.contains(#""name":"concurrentkitworker","concurrency":4,"#) == true)
        return worker
    }

    private func send(_ worker: RunningProgram, _ seqs: ClosedRange<Int>, _ task: String) throws {
        for seq in seqs {
            try worker.send(#"{"t":"task","seq":\#(seq),"attempt":1,"task":\#(task)}"#)
        }
    }

    /// Returns the next `count` lines that begin with `text` and are not beats; fewer if the output ends.
    private func lines(_ worker: RunningProgram, _ count: Int, _ text: String = "") throws -> [String] {
        var found: [String] = []
        while found.count < count, let line = try worker.lineButBeats() {
            if line.hasPrefix(text) { found.append(line) }
        }
        return found
    }

    @Test func asManyTasksBeginAsTheConcurrencyAllows() throws {
        let worker = try worker()
        try send(worker, 1...6, #"{"do":"wait","ms":1000000}"#)
        #expect(try lines(worker, 4) == (1...4).map { #"{"t":"start","seq":\#($0)}"# })
        try worker.send(#"{"t":"recall","max":9}"#)
        #expect(try lines(worker, 2) == [#"{"t":"returned","seq":6}"#, #"{"t":"returned","seq":5}"#])
        let beat = try worker.line()
        #expect(beat?.hasSuffix(#""inflight":4}"#) == true)
    }

    @Test func shortTasksEndBeforeEarlierLongTasks() throws {
        let worker = try worker()
        try send(worker, 1...3, #"{"do":"wait","ms":1000000}"#)
        try send(worker, 4...1_003, #"{"url":"u"}"#)
        let results = try lines(worker, 1_000, #"{"t":"result""#)
        #expect(Set(results).count == 1_000)
        #expect(results.allSatisfy { $0.hasSuffix(#","url":"u"}}"#) })
        // `most` is the largest number of tasks that the worker has worked on at a time. The first short
        // tasks can end before all long tasks begin, so the test checks `most` only in the last result.
        #expect(results.last?.contains(#","result":{"most":4,"#) == true)
    }

    @Test func cancelReturnsAWaitingTaskAndEndsABegunTask() throws {
        let worker = try worker()
        try send(worker, 1...4, #"{"do":"wait","ms":1000000}"#)
        _ = try lines(worker, 4, #"{"t":"start""#)
        try send(worker, 5...5, "{}")
        try worker.send(#"{"t":"cancel","seq":5}"#)
        #expect(try lines(worker, 1) == [#"{"t":"returned","seq":5}"#])
        try worker.send(#"{"t":"cancel","seq":2}"#)
        #expect(
            try lines(worker, 1) == [
                #"{"t":"result","seq":2,"error":{"class":"processor","message":"CancellationError()","retryable":false}}"#
            ]
        )
    }

    @Test func drainLetsAllTasksEnd() throws {
        let worker = try worker()
        try send(worker, 1...50, #"{"do":"wait","ms":1}"#)
        try send(worker, 51...52, #"{"do":"fail"}"#)
        try worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        let results = try lines(worker, 52, #"{"t":"result""#)
        #expect(results.count { $0.hasSuffix(#""result":{"waited":true}}"#) } == 50)
        #expect(results.count { $0.contains(#""message":"it failed""#) } == 2)
        #expect(try worker.lineButBeats() == #"{"t":"bye","reason":"drained"}"#)
        #expect(try worker.waitForEnd() == .status(0))
    }

    @Test func startIsWrittenBeforeTheTaskCrashes() throws {
        let worker = try worker()
        try send(worker, 7...7, #"{"do":"crash"}"#)
        #expect(try lines(worker, 2) == [#"{"t":"start","seq":7}"#])
        #expect([.signal(SIGILL), .signal(SIGTRAP)].contains(try worker.waitForEnd()))
    }

    @Test func endOfTheInputEndsTheWorkerDuringItsTasks() throws {
        let worker = try worker()
        try send(worker, 1...4, #"{"do":"wait","ms":1000000}"#)
        _ = try lines(worker, 4, #"{"t":"start""#)
        worker.endInput()
        #expect(try worker.waitForEnd() == .signal(SIGKILL))
    }
}
