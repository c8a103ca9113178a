// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of a worker that cannot read a line of its coordinator: the worker sends an error or exits, and
/// never ignores the line.
@Suite(.ownThread)
struct UnreadableTaskTests {
    private static let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)

    private func worker(_ program: String) throws -> RunningProgram {
        let worker = try RunningProgram(program, ["--supervised"])
        let config = program == "fetchpool-process" ? #"{"processor":"text"}"# : "{}"
        try worker.send(#"{"t":"init","v":1,"config":\#(config)}"#)
        return worker
    }

    /// Skips messages that have no `seq`, and returns the worker's next message that has one; `nil` at the
    /// end of the output.
    private func nextResult(of worker: RunningProgram) throws -> String? {
        while let line = try worker.line() {
            if line.contains(#""seq":"#) { return line }
        }
        return nil
    }

    @Test(
        arguments: ["fetchpool-fetch", "fetchpool-process", "fetchpool"],
        ["nested too deep", ",\"x\":\"\u{1}\"}", ",x}"]
    )
    func anUnreadableTaskHasAnErrorAndTheNextTaskHasAResult(program: String, rest: String) throws {
        let worker = try worker(program)
        let rest = rest == "nested too deep" ? #","x":\#(Self.deep)}"# : rest
        let response =
            program == "fetchpool-process"
            ? #","response":{"status":200,"url":"data:,a","headers":[],"content_type":"text/html","bytes":1,"body":"a"}"#
            : ""
        for (seq, end) in [(17, rest), (18, "}")] {
            try worker.send(
                #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"data:,a"\#(end)\#(response)}"#
            )
        }
        let results = [try nextResult(of: worker), try nextResult(of: worker)].compactMap { $0 }
        let first = try #require(results.first { $0.contains(#""seq":17,"#) })
        #expect(first.contains(#""error":{"#) && first.contains("the task cannot be read: "))
        let second = try #require(results.first { $0.contains(#""seq":18,"#) })
        #expect(!second.contains("error"))
    }

    @Test(arguments: ["fetchpool-fetch", "fetchpool-process", "fetchpool"])
    func unreadableLineWithoutASeqEndsTheWorker(program: String) throws {
        let worker = try worker(program)
        try worker.send("garbage")
        #expect(try worker.waitForEnd() == .status(program == "fetchpool" ? 3 : 1))
        #expect(try worker.finish().errors.contains("not a message"))
    }

    @Test(arguments: ["fetchpool-fetch", "fetchpool-process", "fetchpool"])
    func tooLongLineHasAnError(program: String) throws {
        let worker = try worker(program)
        let start = #"{"t":"task","seq":17,"attempt":1,"task":{"url":"data:,a","x":""#
        try worker.send(Array(start.utf8) + [UInt8](repeating: 0x78, count: 17 << 20) + Array("\"}}\n".utf8))
        let said = try #require(try nextResult(of: worker))
        #expect(said.contains(#""seq":17,"#) && said.contains("the line is longer than 16 MiB"))
        // If the worker read the rest of the long line as a new line, it would not end with status 0.
        try worker.send(#"{"t":"drain"}"#)
        #expect(try worker.waitForEnd() == .status(0))
    }
}
