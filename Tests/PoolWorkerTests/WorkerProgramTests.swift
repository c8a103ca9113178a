// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of a `WorkerProgram`, and of workers that a person runs without a coordinator.
@Suite(.ownThread)
struct WorkerProgramTests {
    private let folder = TestFolder()

    private func worker(_ arguments: String...) throws -> RunningProgram {
        let worker = try RunningProgram.worker("kit-worker", arguments)
        try worker.begin()
        return worker
    }

    private func result(_ worker: RunningProgram, _ seq: Int, _ task: String) throws -> String? {
        try worker.send(#"{"t":"task","seq":\#(seq),"attempt":1,"task":\#(task)}"#)
        return try worker.lineButBeats()
    }

    @Test(arguments: [[], ["wait"], ["--supervised"]])
    func helloFollowsThePreparation(arguments: [String]) throws {
        let worker = try RunningProgram.worker("kit-worker", arguments)
        try worker.begin()
        #expect(try worker.line()?.contains(#""name":"kitworker","concurrency":1"#) == true)
        #expect(
            try result(worker, 1, "{}")
                == #"{"t":"result","seq":1,"result":{"prepared":true,"handled":1,"attempt":1}}"#
        )
    }

    @Test("a worker reads no task before `prepare()` returns, so that a failed start is blamed on no task")
    func noTaskIsReadBeforeThePreparation() throws {
        let program = BuiltPrograms.path("kit-worker")
        let task = #"{"t":"task","seq":1,"attempt":1,"task":{}}"#
        let shell = try RunningProgram("/bin/sh", ["-c", "'\(program)' fail; cat"])
        try shell.send(#"{"t":"init","v":1,"config":{}}"# + "\n" + task)
        #expect(try shell.line() == task)
        let run = try shell.finish()
        #expect(run.errors == "kitworker: the database does not answer\n")
        #expect(run.output.isEmpty)
    }

    @Test(arguments: [
        ("refuse", Int32(3), "kitworker: the model is missing; run fetch-model\n"),
        ("fail", 1, "kitworker: the database does not answer\n"),
    ])
    func failedPreparationEndsTheProcessBeforeHello(how: String, status: Int32, sentence: String) throws {
        let worker = try worker(how)
        #expect(try worker.line() == nil)
        #expect(try worker.waitForEnd() == .status(status))
        #expect(try worker.allErrors() == sentence)
    }

    @Test func asynchronousMethodsEndBeforeTheNextTaskBegins() throws {
        let worker = try worker()
        _ = try worker.line()
        for seq in 1...20 {
            let task = seq % 2 == 0 ? #"{"do":"wait"}"# : #"{"do":"children"}"#
            try worker.send(#"{"t":"task","seq":\#(seq),"attempt":1,"task":\#(task)}"#)
        }
        try worker.send(#"{"t":"drain"}"#)
        for seq in 1...20 {
            let result = try worker.lineButBeats()
            let expected = seq % 2 == 0 ? #"{"before":true,"after":true}"# : #"{"sum":42}"#
            #expect(result == #"{"t":"result","seq":\#(seq),"result":\#(expected)}"#)
        }
        #expect(try worker.lineButBeats() == #"{"t":"bye","reason":"drained"}"#)
        #expect(try worker.waitForEnd() == .status(0))
    }

    @Test(arguments: [
        (
            #"{"do":"fail"}"#, #"{"class":"dns","message":"it failed","retryable":true}"#
        ),
        (#"{"do":"throw"}"#, #"{"class":"processor","message":"CancellationError()","retryable":false}"#),
        (
            #"{"do":"read","meta":{"n":"x"}}"#,
            #"{"class":"processor","message":"'meta.n' is a string, not a number (byte 25)","retryable":false}"#
        ),
        (
            #"{"do":1}"#,
            #"{"class":"processor","message":"'do' is a number, not a string (byte 6)","retryable":false}"#
        ),
    ])
    func errorsFailTheirTaskOnly(task: String, error: String) throws {
        let worker = try worker()
        _ = try worker.line()
        #expect(try result(worker, 1, task) == #"{"t":"result","seq":1,"error":\#(error)}"#)
        #expect(try result(worker, 2, #"{"do":"read","meta":{"n":7}}"#)?.contains(#"{"n":7}"#) == true)
    }

    @Test func handlerReadsTheBodyOfTheResponse() throws {
        let worker = try worker()
        _ = try worker.line()
        try worker.send(
            #"{"t":"task","seq":1,"attempt":2,"task":{"do":"body"},"response":{"status":200,"body":"é"}}"#
        )
        #expect(try worker.lineButBeats() == #"{"t":"result","seq":1,"result":{"body":"é"}}"#)
    }

    // MARK: By hand

    private static let kept =
        #"{"t":"init","v":1,"config":{}}"# + "\n"
        + #"{"t":"task","seq":1,"attempt":2,"task":{"url":"u"}}"#

    /// Runs the worker; its standard input is a file with the content `text`.
    private func byHand(_ text: String, _ arguments: String = "") throws -> RunningProgram.Finished {
        let file = try folder.write(text, to: "51-2.task")
        return try RunningProgram.run(
            "/bin/sh",
            ["-c", "'\(BuiltPrograms.path("kit-worker"))' \(arguments) < '\(file)'"]
        )
    }

    @Test(arguments: ["", "\n", "\n" + #"{"t":"drain"}"# + "\n", "\n" + #"{"t":"drain"}"#])
    func taskInAFileIsProcessed(end: String) throws {
        let run = try byHand(Self.kept + end)
        #expect(run.end == .status(0))
        #expect(
            run.lines.dropFirst() == [
                #"{"t":"result","seq":1,"result":{"prepared":true,"handled":1,"attempt":2}}"#,
                #"{"t":"bye","reason":"drained"}"#,
            ]
        )
    }

    @Test func bundledProcessorProcessesAKeptTask() throws {
        let lines = [
            #"{"t":"init","v":1,"config":{"processor":"json"}}"#,
            RunningProgram.taskLine(1, body: "[1]", type: "application/json"), #"{"t":"drain"}"#,
        ]
        let file = try folder.write(lines.joined(separator: "\n") + "\n", to: "1-2.task")
        let program = BuiltPrograms.path("fetchpool-process")
        let run = try RunningProgram.run("/bin/sh", ["-c", "'\(program)' < '\(file)'"])
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(run.output.contains(#""result":{"valid":true,"type":"array","bytes":3,"value":[1]}"#))
    }

    @Test func aCrashOfATaskInAFileEndsTheWorker() throws {
        let run = try byHand(Self.kept.replacing(#""url":"u""#, with: #""do":"crash""#))
        #expect(run.end != .status(0))
        #expect(run.errors.contains("the task asked for a crash"))
    }

    @Test(arguments: ["< /dev/null", "< '/dev/null' --supervised"])
    func workerWithoutInputSaysHowToRunIt(words: String) throws {
        let program = BuiltPrograms.path("kit-worker")
        let run = try RunningProgram.run("/bin/sh", ["-c", "'\(program)' \(words)"])
        #expect(run.end == .status(2))
        #expect(run.output == "")
        #expect(run.errors.contains("run it with: fetchpool --worker '\(program)' URL\n"))
        #expect(run.errors.contains("run: \(program) < crashes/51-2.task\n"))
    }

    @Test func emptyFileIsNoTask() throws {
        #expect(try byHand("").end == .status(2))
        #expect(try byHand("\n").end == .status(1))
    }

    @Test func terminalIsNoCoordinator() throws {
        let program = BuiltPrograms.path("kit-worker")
        let run = try RunningProgram.run("/usr/bin/script", ["-qec", "'\(program)'", "/dev/null"])
        #expect(run.end == .status(2))
        #expect(run.output.contains("run it with: fetchpool --worker"))
    }
}
