// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the names of outputs, and of named pipes as inputs and outputs.
///
/// By default, a process that opens one end of a named pipe waits until another process opens the other end.
@Suite(.ownThread)
struct NamedPipeTests {
    private let folder: TestFolder
    private let pipe: String

    init() throws {
        folder = TestFolder()
        pipe = folder.path + "/pipe"
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
    }

    private func shell(
        _ script: String,
        within bound: Duration = .seconds(60)
    ) throws
        -> RunningProgram.Finished
    {
        let program = BuiltPrograms.path("fetchpool")
        return try RunningProgram.run("/bin/sh", ["-c", script, program, pipe], within: bound)
    }

    /// After `head` has read three lines and exited, the run ends with status 141, for each way to name the
    /// output.
    @Test(arguments: [
        #"{ "$0" -q -o /dev/stdout; echo $? >&2; } | head -n 3"#,
        #"head -n 3 <"$1" & "$0" -q -o "$1"; echo $? >&2; wait"#,
        #"{ "$0" -q -o - ; echo $? >&2; } | head -n 3"#,
    ])
    func aReaderThatClosesEndsTheRun(script: String) throws {
        // A pipe cannot hold all these records, so some are still unwritten when the reader exits.
        let input = try folder.write(String(repeating: "data:,ok\n", count: 3_000), to: "in")
        let finished = try shell(script.replacing("-q", with: "-q -i '\(input)'"))
        #expect(finished.lines.count == 3)
        #expect(finished.errors == "141\n")
    }

    @Test func aLateReaderGetsAllRecords() throws {
        let running = try RunningProgram("fetchpool", ["-q", "-o", pipe, "data:,1", "data:,2"])
        let watch = try ProcessWatch(running.pid)
        #expect(!watch.hasEnded(within: .seconds(2)))
        #expect(try RunningProgram.run("/bin/cat", [pipe]).lines.count == 2)
        #expect(try running.waitForEnd() == .status(0))
    }

    @Test(arguments: ["-o", "-i", "--stats"])
    func anUnopenedPipeDoesNotDelayAnInterruptedRun(option: String) throws {
        let running = try RunningProgram("fetchpool", [option, pipe, "data:,1"])
        if option == "-i" { #expect(try running.record()?.outcome == "ok") }
        let watch = try ProcessWatch(running.pid)
        #expect(!watch.hasEnded(within: .seconds(1)))
        running.signal(SIGTERM)
        running.signal(SIGINT)
        #expect(watch.hasEnded(within: .seconds(8)))
        let status = try running.waitForEnd()
        // If two signals come together, the kernel chooses which one is delivered first. Status 3 says that
        // an input or output failed: no other process has opened the pipe.
        #expect([.status(128 + SIGTERM), .status(128 + SIGINT), .status(3)].contains(status))
    }

    /// The reader has opened the pipe, but reads nothing, and the pipe is full.
    @Test(arguments: ["--report", "--cookie-jar", "--stats"])
    func aFullPipeDoesNotDelayAnInterruptedRun(option: String) throws {
        let full = try UnreadOutput()
        try full.fill()
        let running = try RunningProgram("fetchpool", ["-q", option, full.path, "data:,1"])
        #expect(try running.record()?.outcome == "ok")
        try expectEndAfterTwoSignals(running)
        let message = "cannot write \(option) '\(full.path)': nobody reads it\n"
        #expect(try running.waitForEnd() == .status(3) && running.allErrors().hasSuffix(message))
    }

    /// Standard output is a full pipe, and its descriptor lacks O_NONBLOCK, so a write would block.
    @Test func statisticsInFullStandardOutputDoNotDelayAnInterruptedRun() throws {
        let full = try UnreadOutput()
        try full.fill()
        let arguments = ["-q", "--stats", "-", "data:,1"]
        try expectEndAfterTwoSignals(RunningProgram("fetchpool", arguments, output: .file(full.path)))
    }

    private func expectEndAfterTwoSignals(_ running: RunningProgram) throws {
        let watch = try ProcessWatch(running.pid)
        #expect(!watch.hasEnded(within: .seconds(1)))
        running.signal(SIGTERM)
        running.signal(SIGINT)
        #expect(watch.hasEnded(within: .seconds(8)))
    }

    @Test func statisticsAreWrittenBeforeThePage() throws {
        let page = try UnreadOutput()
        try page.fill()
        let stats = folder.file("stats")
        let arguments = ["-q", "--report", page.path, "--stats", stats, "data:,1"]
        let running = try RunningProgram("fetchpool", arguments)
        var hasEnded: Bool { (try? folder.read("stats").contains(#""running":false"#)) == true }
        let deadline = ContinuousClock.now + RunningProgram.patience
        while !hasEnded, ContinuousClock.now < deadline { usleep(10_000) }
        #expect(hasEnded)
        #expect(try !ProcessWatch(running.pid).hasEnded(within: .zero))
    }

    @Test func aLateWriterIsRead() throws {
        let running = try RunningProgram("fetchpool", ["-q", "-i", pipe, "--progress", "on"])
        let watch = try ProcessWatch(running.pid)
        #expect(!watch.hasEnded(within: .seconds(1)))
        let finished = try RunningProgram.run("/bin/sh", ["-c", "echo data:,late >'\(pipe)'"])
        #expect(finished.end == .status(0))
        #expect(try running.record()?.url == "data:,late")
        #expect(try running.waitForEnd() == .status(0))
    }

    @Test func aDashIsStandardOutput() throws {
        let script = #"cd "$(dirname "$1")" && "$0" -q -o - data:,dash"#
        #expect(try shell(script).lines.count == 1)
        #expect(folder.names == ["pipe"])
    }

    @Test(arguments: ["none/stats", ""])
    func unwritableStatsEndTheRunAtItsStart(name: String) throws {
        let path = folder.path + "/" + name
        let finished = try RunningProgram.run("fetchpool", ["--stats", path, "data:,x"])
        #expect(finished.end == .status(3))
        #expect(finished.output == "")
        let reason = name.isEmpty ? "Is a directory" : "No such file or directory"
        #expect(finished.errors == "fetchpool: cannot write --stats '\(path)': \(reason)\n")
    }
}
