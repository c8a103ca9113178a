// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Testing

/// The protocol, spoken with real programs.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct WorkerProtocolTests {
    private func fixture() throws -> RunningWorker {
        let worker = try RunningWorker("fixture-processor")
        worker.begin()
        #expect(
            worker.line()?.hasPrefix(#"{"t":"hello","v":1,"pid":\#(worker.pid),"name":"fixture""#) == true
        )
        return worker
    }

    @Test func answersComeInTheOrderOfTheTasksAndDrainEndsWithBye() throws {
        let worker = try fixture()
        for seq in 1...500 { worker.task(seq, body: "x") }
        worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        for seq in 1...500 {
            #expect(worker.lineButBeats() == #"{"t":"result","seq":\#(seq),"result":{"bytes":1}}"#)
        }
        #expect(worker.lineButBeats() == #"{"t":"bye","reason":"drained"}"#)
        #expect(worker.line() == nil)
        #expect(worker.waitForEnd() == .status(0))
    }

    @Test func helloNamesTheBundledProcessors() throws {
        let worker = try RunningWorker("fetchpool-process")
        worker.begin("links")
        #expect(
            worker.line()
                == #"{"t":"hello","v":1,"pid":\#(worker.pid),"name":"fetchpool-process","concurrency":1,"#
                + #""processors":["links","text","json"]}"#
        )
    }

    @Test func tasksThatHaveNotBegunComeBackNewestFirstWhileOneIsWorkedOn() throws {
        let worker = try fixture()
        worker.task(1, body: "x")
        worker.task(2, wish: "hang")
        #expect(worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":1}}"#)
        for seq in 3...6 { worker.task(seq, body: "x") }
        worker.send(#"{"t":"recall","max":2}"#)
        #expect(worker.lineButBeats() == #"{"t":"returned","seq":6}"#)
        #expect(worker.lineButBeats() == #"{"t":"returned","seq":5}"#)
        worker.send(#"{"t":"cancel","seq":3}"#)
        #expect(worker.lineButBeats() == #"{"t":"returned","seq":3}"#)
        // The task in hand stays, so only one is left to come back.
        worker.send(#"{"t":"cancel","seq":2}"#)
        worker.send(#"{"t":"recall","max":9}"#)
        #expect(worker.lineButBeats() == #"{"t":"returned","seq":4}"#)
        #expect(worker.line()?.hasSuffix(#","inflight":1}"#) == true)
    }

    @Test func aWorkerBeatsWhileItsTaskSpins() throws {
        let worker = try fixture()
        worker.task(1, wish: "spin")
        worker.task(2, body: "x")
        let beat = worker.line() ?? ""
        #expect(beat.hasPrefix(#"{"t":"beat","rss_kb":"#))
        #expect(beat.hasSuffix(#","inflight":2}"#))
    }

    @Test func theEndOfInputTakesAlongAWorkerThatSpinsAndWhatItStarted() throws {
        let worker = try fixture()
        worker.task(1, wish: "child")
        #expect(worker.lineButBeats()?.contains(#""seq":1,"result""#) == true)
        worker.task(2, wish: "spin")
        #expect(worker.line()?.contains("beat") == true)
        worker.endInput()
        let start = ContinuousClock.now
        #expect(worker.waitForEnd() == .signal(SIGKILL))
        #expect(ContinuousClock.now - start < .seconds(1))
        // The sleeping process held standard error open.
        #expect(worker.allErrors() == "")
    }

    @Test func aDrainedWorkerLeavesWhenNobodyReadsItsAnswers() throws {
        let worker = try fixture()
        worker.task(1, wish: "hang")
        worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        #expect(worker.line()?.contains("beat") == true)
        worker.stopReading()
        #expect(worker.waitForEnd() == .signal(SIGKILL))
    }

    @Test func whatATaskPrintsLandsInStandardErrorEvenIfTheNextOneCrashes() throws {
        let worker = try fixture()
        worker.task(1, wish: "print")
        worker.task(2, wish: "crash")
        #expect(worker.lineButBeats()?.contains(#""seq":1,"result""#) == true)
        #expect(worker.line() == nil)
        #expect(worker.allErrors() == "the page asked for this line\n")
    }

    @Test(arguments: [
        ("crash", RunningWorker.End.signal(SIGSEGV)), ("abort", .signal(SIGABRT)), ("exit:3", .status(3)),
    ])
    func theAnswerBeforeADeathIsThere(wish: String, end: RunningWorker.End) throws {
        let worker = try fixture()
        worker.task(1, body: "x")
        worker.task(2, wish: wish)
        worker.task(3, body: "x")
        #expect(worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":1}}"#)
        #expect(worker.lineButBeats() == nil)
        #expect(worker.waitForEnd() == end)
    }

    @Test func aTrapEndsTheWorkerBySignal() throws {
        let worker = try fixture()
        worker.task(1, wish: "trap")
        #expect(worker.lineButBeats() == nil)
        #expect([.signal(SIGILL), .signal(SIGTRAP)].contains(worker.waitForEnd()))
    }

    @Test func anErrorFailsItsTaskOnly() throws {
        let worker = try fixture()
        worker.task(1, wish: "error")
        worker.task(2, wish: "burn:5")
        worker.task(3, wish: "take:5")
        #expect(
            worker.lineButBeats()
                == #"{"t":"result","seq":1,"error":{"class":"processor","#
                + #""message":"the page asked for an error","retryable":false}}"#
        )
        #expect(worker.lineButBeats()?.hasPrefix(#"{"t":"result","seq":2,"result":"#) == true)
        #expect(worker.lineButBeats()?.hasPrefix(#"{"t":"result","seq":3,"result":"#) == true)
    }

    @Test func aTaskLongerThanAllBuffersIsAnsweredAndSoIsTheNext() throws {
        let worker = try fixture()
        let meta = String(repeating: "x", count: 2 << 20)
        worker.send(
            #"{"t":"task","seq":1,"attempt":1,"task":{"url":"u","meta":"\#(meta)"},"#
                + #""response":{"status":200,"url":"u","headers":[],"bytes":0,"body":""}}"#
        )
        worker.task(2, body: "x")
        #expect(worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"bytes":0}}"#)
        #expect(worker.lineButBeats() == #"{"t":"result","seq":2,"result":{"bytes":1}}"#)
    }

    @Test(arguments: [
        (#"{"t":"init","v":2}"#, "speaks version 1 of the protocol, the coordinator 2"),
        (#"{"t":"drain"}"#, "the first line must be of type init"),
        ("hello", "a line on standard input is no message of the protocol"),
        (
            "{\"t\":\"init\",\"v\":1}\n{\"t\":\"task\"}",
            "a line on standard input is no message of the protocol"
        ),
    ])
    func aCoordinatorThatSpeaksOtherwiseIsRefused(lines: String, complaint: String) throws {
        let worker = try RunningWorker("fixture-processor")
        worker.send(lines)
        #expect(worker.waitForEnd() == .status(1))
        #expect(worker.allErrors().hasPrefix("fixture: " + complaint))
    }

    @Test(arguments: [
        ("fetchpool-process", ["--supervised"], "unknown processor 'nosuch'; choose links, text or json"),
        (
            "fetchpool-process", ["--processor", "nosuch"],
            "--processor: expected links, text or json, got 'nosuch'"
        ),
        ("fetchpool-process", [], "it only serves a coordinator; run it with --supervised"),
        ("fixture-processor", [], "a response processor for fetchpool; run it with: fetchpool -x '"),
    ])
    func wrongUsageIsSaidInOneSentence(program: String, arguments: [String], complaint: String) throws {
        let worker = try RunningWorker(program, arguments)
        worker.begin("nosuch")
        #expect(worker.waitForEnd() == .status(2))
        let errors = worker.allErrors()
        #expect(errors.contains(": " + complaint))
        #expect(errors.split(separator: "\n").count == 1)
    }

    @Test func theCoordinatorsChoiceOfProcessorWins() throws {
        let worker = try RunningWorker("fetchpool-process", ["--supervised", "--processor", "text"])
        worker.begin("json")
        worker.task(1, body: "[1]", type: "application/json")
        _ = worker.line()
        #expect(
            worker.lineButBeats()
                == #"{"t":"result","seq":1,"result":{"valid":true,"type":"array","bytes":3,"value":[1]}}"#
        )
    }
}
