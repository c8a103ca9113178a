// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests in which `fetchpool` runs workers and processors that use the libraries `PoolWorker` and
/// `ResponseProcessors`.
@Suite(.ownThread)
struct KitTests {
    private let folder = TestFolder()

    private func run(_ words: String...) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", ["-q", "-w", "1"] + words)
    }

    /// Writes a file with one task for each number from 1 to `count`; returns the path of the file.
    private func tasks(_ count: Int, _ members: (Int) -> String) throws -> String {
        let lines = (1...count).map { #"{"url":"http://h\#($0).test/",\#(members($0))}"# + "\n" }
        return try folder.write(lines.joined(), to: "tasks")
    }

    private static let processor = "'\(BuiltPrograms.path("kit-processor"))'"
    private static let worker = "'\(BuiltPrograms.path("kit-worker"))'"

    @Test func processorMayUseArgumentsPreparationAndAsyncCalls() throws {
        let run = try run("-x", "\(Self.processor) x", "data:text/plain,%E9")
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(
            run.output.hasSuffix(
                #""result":{"mark":"x","prepared":true,"text":"é","type":"text/plain","#
                    + #""task":{"id":1,"nested":[1,"two",null]},"ratio":0.5}}"# + "\n"
            ),
            "\(run.output)"
        )
    }

    @Test func errorForANumberThatIsNotFiniteNamesItsMember() throws {
        let run = try run("-x", "\(Self.processor) nan", "data:,x")
        #expect(run.output.contains(#""outcome":"process_error""#))
        #expect(run.output.contains("result.ratio is inf, which JSON cannot express"))
    }

    @Test(arguments: [
        ("-x", "\(Self.processor) refuse", "the model is missing; run fetch-model"),
        ("-x", "\(Self.processor) a b", "give one mark at most"),
        ("--worker", "\(Self.worker) refuse", "the model is missing; run fetch-model"),
        ("--worker", "\(Self.worker) fail", "the database does not answer"),
    ])
    func failedPreparationEndsTheRun(option: String, command: String, sentence: String) throws {
        let run = try run(option, command, "data:,x")
        #expect(run.end == .status(4))
        #expect(run.errors.contains(sentence), "\(run.errors)")
    }

    @Test func concurrentWorkerDoesManyTasks() throws {
        let tasks = try tasks(200) { _ in #""do":"wait","ms":2"# }
        let run = try run("--worker", "\(Self.worker) concurrent", "-i", tasks)
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(run.lines.count { $0.contains(#""outcome":"ok""#) } == 200)
        let first = try self.run("--worker", "\(Self.worker) concurrent", "http://h.test/")
        #expect(first.output.contains(#""result":{"most":1,"url":"http://h.test/"}"#))
        let mixed = try self.tasks(200) { $0 < 200 ? #""do":"wait","ms":20"# : #""do":"most""# }
        let last = try self.run("--worker", "\(Self.worker) concurrent", "-w", "1", "-i", mixed)
        #expect(last.output.contains(#""result":{"most":4,"#))
    }

    @Test func crashInAConcurrentWorkerCostsItsOwnTaskOnly() throws {
        let tasks = try tasks(40) { #""do":"\#($0 == 7 ? "crash" : "most")""# }
        let run = try run("--worker", "\(Self.worker) concurrent", "-i", tasks)
        #expect(run.lines.count { $0.contains(#""outcome":"ok""#) } == 39, "\(run.output)")
        let crash = run.lines.first { $0.contains(#""outcome":"worker_crash""#) }
        #expect(crash?.contains(#""id":7,"#) == true)
    }

    @Test func keptTaskOfACrashCanBeRepeatedByHand() throws {
        let page = #"data:text/html,<meta name="fixture" content="exit:3">"#
        let processor = BuiltPrograms.path("fixture-processor")
        let kept = folder.file("crashes")
        let run = try run("-x", "'\(processor)'", "--crash-dir", kept, page)
        #expect(run.output.contains(#""outcome":"worker_crash""#), "\(run.output)\(run.errors)")
        let again = try RunningProgram.run("/bin/sh", ["-c", "'\(processor)' < '\(kept)'/1-2.task"])
        #expect(again.end == .status(3), "\(again.errors)")
        #expect(again.lines.count == 1 && again.output.hasPrefix(#"{"t":"hello""#))
    }
}
