// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests of the worker protocol with real worker programs.
@Suite(.ownThread)
struct WorkerProtocolTests {
    private func fixture() throws -> RunningProgram {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.begin()
        #expect(
            try worker.line()?.hasPrefix(#"{"t":"hello","v":1,"pid":\#(worker.pid),"name":"fixture""#) == true
        )
        return worker
    }

    @Test func aDrainedWorkerSendsAllResultsInOrderBeforeItsBye() throws {
        let worker = try fixture()
        for seq in 1...500 { try worker.task(seq, body: "x") }
        try worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        for seq in 1...500 {
            #expect(try worker.lineButBeats() == #"{"t":"result","seq":\#(seq),"result":{"bytes":1}}"#)
        }
        #expect(try worker.lineButBeats() == #"{"t":"bye","reason":"drained"}"#)
        #expect(try worker.line() == nil)
        #expect(try worker.waitForEnd() == .status(0))
    }

    @Test func helloNamesTheBundledProcessors() throws {
        let worker = try RunningProgram.worker("fetchpool-process")
        try worker.begin("links")
        #expect(
            try worker.line()
                == #"{"t":"hello","v":1,"pid":\#(worker.pid),"name":"fetchpool-process","concurrency":1,"#
                + #""self_limiting":true,"processors":["links","text","json"]}"#
        )
    }

    @Test func recalledTasksAreReturnedNewestFirst() throws {
        let worker = try fixture()
        // Both tasks are sent in one write. So the worker has the second task when the first one finishes,
        // and begins the second task at once.
        let second = RunningProgram.taskLine(2, wish: "hang")
        try worker.send(RunningProgram.taskLine(1, body: "x") + "\n" + second)
        #expect(try worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":1}}"#)
        for seq in 3...6 { try worker.task(seq, body: "x") }
        try worker.send(#"{"t":"recall","max":2}"#)
        #expect(try worker.lineButBeats() == #"{"t":"returned","seq":6}"#)
        #expect(try worker.lineButBeats() == #"{"t":"returned","seq":5}"#)
        try worker.send(#"{"t":"cancel","seq":3}"#)
        #expect(try worker.lineButBeats() == #"{"t":"returned","seq":3}"#)
        // A running task is not returned. So only task 4 is left to return.
        try worker.send(#"{"t":"cancel","seq":2}"#)
        try worker.send(#"{"t":"recall","max":9}"#)
        #expect(try worker.lineButBeats() == #"{"t":"returned","seq":4}"#)
        #expect(try worker.line()?.hasSuffix(#","inflight":1}"#) == true)
    }

    @Test func aWorkerBeatsWhileItsTaskSpins() throws {
        let worker = try fixture()
        try worker.task(1, wish: "spin")
        try worker.task(2, body: "x")
        let beat = try worker.line() ?? ""
        #expect(beat.hasPrefix(#"{"t":"beat","rss_kb":"#))
        #expect(beat.hasSuffix(#","inflight":2}"#))
    }

    @Test(arguments: ["child", "fork"])
    func theEndOfInputEndsASpinningWorkerAndItsChildren(wish: String) throws {
        let worker = try fixture()
        try worker.task(1, wish: wish)
        #expect(try worker.lineButBeats()?.contains(#""seq":1,"result""#) == true)
        try worker.task(2, wish: "spin")
        #expect(try worker.line()?.contains("beat") == true)
        worker.endInput()
        let start = ContinuousClock.now
        #expect(try worker.waitForEnd() == .signal(SIGKILL))
        // The child inherits standard error. So the end of standard error comes early only if the child is
        // killed too.
        #expect(try worker.allErrors() == "")
        #expect(ContinuousClock.now - start < .seconds(20), "the child sleeps for 30 s")
    }

    @Test func aHangingWorkerEndsWithItsInputEvenIfNobodyReadsItsOutput() throws {
        let worker = try fixture()
        try worker.task(1, wish: "hang")
        try worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        #expect(try worker.line()?.contains("beat") == true)
        worker.stopReading()
        #expect(try worker.waitForEnd() == .signal(SIGKILL))
    }

    @Test func outputOfATaskGoesToStandardErrorEvenIfTheNextTaskCrashes() throws {
        let worker = try fixture()
        try worker.task(1, wish: "print")
        try worker.task(2, wish: "crash")
        #expect(try worker.lineButBeats()?.contains(#""seq":1,"result""#) == true)
        #expect(try worker.line() == nil)
        #expect(try worker.allErrors().hasPrefix("the page asked for this line\nworker-died signal=11 "))
    }

    @Test(arguments: [
        ("crash", RunningProgram.End.signal(SIGSEGV)), ("abort", .signal(SIGABRT)), ("exit:3", .status(3)),
    ])
    func theResultBeforeADeathIsWritten(wish: String, end: RunningProgram.End) throws {
        let worker = try fixture()
        try worker.task(1, body: "x")
        try worker.task(2, wish: wish)
        try worker.task(3, body: "x")
        #expect(try worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":1}}"#)
        #expect(try worker.lineButBeats() == nil)
        #expect(try worker.waitForEnd() == end)
    }

    @Test func aTrapEndsTheWorkerBySignal() throws {
        let worker = try fixture()
        try worker.task(1, wish: "trap")
        #expect(try worker.lineButBeats() == nil)
        #expect([.signal(SIGILL), .signal(SIGTRAP)].contains(try worker.waitForEnd()))
    }

    @Test func anErrorFailsOnlyItsTask() throws {
        let worker = try fixture()
        try worker.task(1, wish: "error")
        try worker.task(2, wish: "burn:5")
        try worker.task(3, wish: "take:5")
        #expect(
            try worker.lineButBeats()
                == #"{"t":"result","seq":1,"error":{"class":"processor","#
                + #""message":"the page asked for an error","retryable":false}}"#
        )
        #expect(try worker.lineButBeats()?.hasPrefix(#"{"t":"result","seq":2,"result":"#) == true)
        #expect(try worker.lineButBeats()?.hasPrefix(#"{"t":"result","seq":3,"result":"#) == true)
    }

    @Test func aTaskWithALineOfTwoMebibytesGetsAResult() throws {
        let worker = try fixture()
        let meta = String(repeating: "x", count: 2 << 20)
        try worker.send(
            #"{"t":"task","seq":1,"attempt":1,"task":{"url":"u","meta":"\#(meta)"},"#
                + #""response":{"status":200,"url":"u","headers":[],"bytes":0,"body":""}}"#
        )
        try worker.task(2, body: "x")
        #expect(try worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":0}}"#)
        #expect(try worker.lineButBeats() == #"{"t":"result","seq":2,"result":{"bytes":1}}"#)
    }

    @Test(arguments: [
        (
            #"{"t":"init","v":2}"#,
            "this worker speaks version 1 of the protocol, but the coordinator speaks version 2"
        ),
        (#"{"t":"drain"}"#, "the first line must be of type init"),
        ("hello", "a line on standard input is not a message of the protocol"),
        (
            "{\"t\":\"init\",\"v\":1}\n{\"t\":\"task\"}",
            "a line on standard input is not a message of the protocol"
        ),
    ])
    func aCoordinatorThatBreaksTheProtocolIsRefused(lines: String, complaint: String) throws {
        let worker = try RunningProgram.worker("fixture-processor")
        try worker.send(lines)
        #expect(try worker.waitForEnd() == .status(1))
        #expect(try worker.allErrors().hasPrefix("fixture: " + complaint))
    }

    @Test(arguments: [
        ("fetchpool-process", ["--supervised"], "unknown processor 'nosuch'; choose links, text or json"),
        (
            "fetchpool-process", ["--processor", "nosuch"],
            "--processor: expected links, text or json, got 'nosuch'"
        ),
        ("fetchpool-process", [], "it serves only a coordinator; run: fetchpool -p links URL"),
        ("fixture-processor", ["extra"], "unexpected argument 'extra'; this worker takes none"),
    ])
    func wrongUsageGivesAnErrorOfOneLine(program: String, arguments: [String], complaint: String) throws {
        let worker = try RunningProgram.worker(program, arguments)
        try worker.begin("nosuch")
        #expect(try worker.waitForEnd() == .status(2))
        let errors = try worker.allErrors()
        #expect(errors.contains(": " + complaint))
        #expect(errors.split(separator: "\n").count == 1)
    }

    @Test func theCoordinatorsProcessorOverridesTheOption() throws {
        let worker = try RunningProgram.worker("fetchpool-process", ["--supervised", "--processor", "text"])
        try worker.begin("json")
        try worker.task(1, body: "[1]", type: "application/json")
        _ = try worker.line()
        #expect(
            try worker.lineButBeats()
                == #"{"t":"result","seq":1,"result":{"valid":true,"type":"array","bytes":3,"value":[1]}}"#
        )
    }
}
