// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of `--ordered`, which writes records in the order of the input.
@Suite(.ownThread)
struct OrderTests {
    private let server: FixtureServer
    private let folder = TestFolder()

    init() throws { server = try FixtureServer() }

    /// Returns the ids of records, in the order of the output.
    private func ids(_ finished: RunningProgram.Finished) throws -> [Int] {
        try finished.records.compactMap { Int($0.id) }
    }

    @Test(arguments: [[], ["-p", "json"]])
    func recordsHaveTheOrderOfTheInputsWhateverTheDelays(options: [String]) throws {
        var lines = (1...200).map { "\(server.base)/delay/\(Int.random(in: 0...60))?\($0)" }
        for number in [5, 50, 77, 120] { lines[number] = "no url" }
        for number in [6, 51] { lines[number] = "# none" }
        for number in [9, 90, 190] { lines[number] = lines[8] }
        lines[30] = "\(server.base)/flaky/1/x"
        let first = try folder.write(lines[..<100].joined(separator: "\n"), to: "first")
        let second = try folder.write(lines[100...].joined(separator: "\n"), to: "second")
        let arguments = [
            "-q", "--ordered", "--dedupe", "-w", "2", "--per-host", "0", "-i", first, "-i", second,
        ]
        let finished = try RunningProgram.run("fetchpool", arguments + options)
        #expect(try ids(finished) == (1...200).filter { $0 != 7 && $0 != 52 })
        let outcomes = try finished.records.outcomes
        #expect(outcomes["invalid"] == 4 && outcomes["skipped"] == 3)
    }

    /// The records of all later tasks wait for the record of the first task, because the first task hangs.
    ///
    /// The run cancels the first task 10 s after the signal, and then writes all records.
    @Test(.ownThread(isFirst: true)) func recordsThatASlowReaderTakesAfterASignalAreAllWritten() throws {
        let meta = String(repeating: "x", count: 60_000)
        let lines = (2...100).map { #"{"url":"data:,\#($0)","meta":"\#(meta)"}"# }
        let list = try folder.write((["\(server.base)/hang"] + lines).joined(separator: "\n"), to: "list")
        let pipe = folder.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let script = """
            import json, sys, time
            for line in open(sys.argv[1]):
                print(json.loads(line)["id"], flush=True)
                time.sleep(0.01)
            """
        let reader = try RunningProgram("/usr/bin/env", ["python3", "-c", script, pipe])
        let arguments = ["--ordered", "--log-interval", "100ms", "-i", list, "-o", pipe]
        let running = try RunningProgram("fetchpool", arguments)
        try running.waitForErrors(holding: "99 of 100")
        running.signal(SIGTERM)
        #expect(try running.waitForEnd() == .status(128 + SIGTERM))
        #expect(try reader.finish().output.split(separator: "\n") == (1...100).map { "\($0)" })
    }

    @Test func crashesOfWorkersDoNotChangeTheOrder() throws {
        let processor = "'\(BuiltPrograms.path("fixture-processor"))' --supervised"
        let paths = (1...150).map { $0 % 30 == 3 ? "/task/crash/\($0)" : "/page/\($0)" }
        let list = try folder.write(paths.map { server.base + $0 }.joined(separator: "\n"), to: "list")
        let running = try RunningProgram(
            "fetchpool",
            ["-q", "--ordered", "-w", "2", "-i", list, "-x", processor]
        )
        let first = try #require(try running.record())
        #expect(first.id == "1")
        let pid = try #require(first.workerPid)
        kill(pid, SIGKILL)
        let finished = try running.finish()
        #expect(try ids(finished) == Array(2...150))
        #expect(
            try finished.records.filter { $0.outcome == "worker_crash" }.map(\.id)
                == [3, 33, 63, 93, 123].map(String.init)
        )
    }

    @Test func aResumedRunGoesOnWhereAnOrderedRunWasKilled() throws {
        let list = try folder.write(
            (1...300).map { "\(server.base)/delay/\($0 % 7)?\($0)\n" }.joined(),
            to: "list"
        )
        let out = folder.file("out")
        let arguments = ["-q", "--ordered", "--per-host", "0", "-i", list, "-o", out, "--resume"]
        let running = try RunningProgram("fetchpool", arguments + ["--rate", "300/s"])
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? folder.read("out"))?.isEmpty ?? true, ContinuousClock.now < deadline { usleep(1_000) }
        #expect(try !folder.read("out").isEmpty)
        running.signal(SIGKILL)
        try running.waitForEnd()
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(0), "\(finished.errors)")
        let records = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(records.compactMap { Int($0.id) } == Array(1...300))
    }

    @Test func afterASignalTheRecordsAreWrittenInOrder() throws {
        let running = try RunningProgram("fetchpool", ["--ordered", "-w", "1", "--per-host", "0"])
        try running.send("data:,1\n\(server.base)/hang\n" + (3...20).map { "data:,\($0)\n" }.joined())
        #expect(try running.record()?.id == "1")
        // Once the server has the request of task 2, tasks 3 to 20 have also begun, or they begin in the same
        // iteration of the coordinator's loop as task 2.
        while try server.statistics().requests == 0 { usleep(1_000) }
        running.signal(SIGINT)
        try running.waitForErrors(holding: "interrupted")
        running.signal(SIGTERM)
        let finished = try running.finish()
        #expect(finished.end == .status(130))
        let ids = try ids(finished)
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
        #expect(try finished.records.first { $0.id == "2" }?.outcome == "cancelled")
    }

    /// The first task waits for its time-out.
    ///
    /// Meanwhile the later tasks end. Their records together are larger than the memory that the test allows
    /// for the run.
    @Test(.ownThread(isFirst: true)) func aStuckHostDelaysTheRunButDoesNotFillItsMemory() throws {
        let silent = try LoopbackPort.silent()
        let filler = String(repeating: "x", count: 1_000)
        let lines = ["http://127.0.0.1:\(silent.number)/"] + (2...150_000).map { "data:,\($0)\(filler)" }
        let list = try folder.write(lines.joined(separator: "\n"), to: "list")
        let running = try RunningProgram(
            "fetchpool",
            ["-q", "--ordered", "-w", "1", "--retries", "0", "--timeout", "8s", "-i", list]
        )
        // The records after the first are about 340 MB together.
        let first = try #require(try running.record())
        #expect(first.id == "1" && first.errorClass == "timeout_total")
        let peakKB = try ProcessWatch.peakKB(of: running.pid)
        #expect(peakKB < 220 << 10, "\(peakKB) KiB")
        #expect(try ids(running.finish(within: .seconds(180))) == Array(2...150_000))
    }
}
