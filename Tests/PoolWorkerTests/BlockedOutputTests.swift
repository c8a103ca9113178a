// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests workers whose output is not read, so that some lines cannot be written.
@Suite(.ownThread)
struct BlockedOutputTests {
    /// The lines that the worker cannot write.
    enum Blocked: CaseIterable {
        case result, returnedTasks
    }

    private static let tasks = 4_000

    /// A time that is longer than the interval between beats (1 s), so that a beat is due.
    private static let beat: Duration = .milliseconds(1_300)

    private let output: UnreadOutput

    init() throws { output = try UnreadOutput() }

    private func worker(_ blocked: Blocked) throws -> RunningProgram {
        let name = blocked == .result ? "fetchpool-process" : "fixture-processor"
        let worker = try RunningProgram(name, ["--supervised"], output: .file(output.path))
        try worker.begin("text")
        _ = try output.line()
        switch blocked {
        case .result: try worker.task(1, body: String(repeating: "word ", count: 40_000))
        case .returnedTasks:
            try worker.task(1, wish: "burn:2500")
            let lines = (2...Self.tasks).map { RunningProgram.taskLine($0, body: "x") }
            try worker.send(lines.joined(separator: "\n"))
            try worker.send(#"{"t":"recall","max":\#(Self.tasks)}"#)
        }
        try output.waitForBytes()
        return worker
    }

    @Test(arguments: Blocked.allCases)
    func theEndOfInputEndsABlockedWorkerAtOnce(blocked: Blocked) throws {
        let worker = try worker(blocked)
        let watch = try ProcessWatch(worker.pid)
        #expect(!watch.hasEnded(within: Self.beat))
        worker.endInput()
        #expect(watch.hasEnded(within: .seconds(10)))
        #expect(try worker.waitForEnd() == .signal(SIGKILL))
    }

    @Test(arguments: Blocked.allCases)
    func aBlockedWorkerLosesNoLineAfterADrain(blocked: Blocked) throws {
        let worker = try worker(blocked)
        let watch = try ProcessWatch(worker.pid)
        try worker.send(#"{"t":"drain"}"#)
        worker.endInput()
        #expect(!watch.hasEnded(within: Self.beat))
        let lines = try output.linesButBeats()
        #expect(lines.last == #"{"t":"bye","reason":"drained"}"#)
        let results = lines.count { $0.hasPrefix(#"{"t":"result","seq":1,"result":{"#) && $0.hasSuffix("}}") }
        #expect(results == 1)
        let returned = lines.filter { $0.hasPrefix(#"{"t":"returned","#) }
        let expected = (2...Self.tasks).reversed().map { #"{"t":"returned","seq":\#($0)}"# }
        #expect(returned == (blocked == .result ? [] : expected))
        #expect(lines.count == results + returned.count + 1)
        #expect(try worker.waitForEnd() == .status(0))
    }
}
