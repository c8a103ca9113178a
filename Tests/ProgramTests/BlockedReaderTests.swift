// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of a run whose records are not read for some time.
@Suite(.ownThread)
struct BlockedReaderTests {
    private let server: FixtureServer
    private let folder: TestFolder

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    /// A worker that waits for a file called `go`, and then writes results of 250 KB.
    private static let worker = """
        import json, os, sys, time

        print(json.dumps({"t": "hello", "v": 1}), flush=True)
        for line in sys.stdin:
            task = json.loads(line)
            if task["t"] == "task":
                while not os.path.exists(sys.argv[1] + "/go"):
                    time.sleep(0.01)
                print(json.dumps({"seq": task["seq"], "result": "x" * 250000}), flush=True)

        """

    /// While 4 MiB or more of records wait to be written, processing workers get no more tasks.
    ///
    /// This rule also applies after the last response was fetched. Without the rule, the workers could turn
    /// the bodies in the spool into gigabytes of results, which the coordinator would have to store.
    @Test func resultsDoNotPileUpWhileNobodyReadsThem() throws {
        let script = try folder.write(Self.worker, to: "worker.py")
        let command = "python3 '\(script)' '\(folder.path)'"
        let running = try RunningProgram("fetchpool", ["-q", "-w", "2", "-x", command])
        // About 18 results fill the queue of records. Each worker may also have the tasks that it can finish
        // in 10 ms.
        let count = 80
        for number in 1...count { try running.send("\(server.base)/get?\(number)") }
        running.endInput()
        while try server.statistics().requests < count {}
        let processors = try ProcessWatch.descendants(of: running.pid).filter { pid in
            (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8))?.contains("worker.py")
                ?? false
        }
        let workers = processors.compactMap { try? ProcessWatch($0) }
        try #require(workers.count == 2)
        try folder.write("", to: "go")
        // If all tasks had been sent to the workers, the workers would soon exit. But most tasks wait until
        // the queue of records has space, so the workers keep running.
        #expect(!workers[0].hasEnded(within: .seconds(2)))
        let records = try running.remainingRecords()
        #expect(records.outcomes == ["ok": count])
        #expect(try running.waitForEnd() == .status(0))
    }

    /// The named pipe has no reader until the signal has been answered.
    @Test func aSignalShowsTheProgressWhileTheLastRecordsWait() throws {
        let pipe = folder.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", "-o", pipe])
        try running.send("data:,a")
        var workers: [ProcessWatch] = []
        while workers.isEmpty { workers = try ProcessWatch.all(below: running.pid) }
        running.endInput()
        for worker in workers { #expect(worker.hasEnded(within: .seconds(60))) }
        // Soon after its worker processes have ended, the run only waits until its output is read.
        Thread.sleep(forTimeInterval: 0.5)
        running.signal(SIGUSR1)
        try running.waitForErrors(holding: "fetchpool: 1 of 1 · 100%")
        #expect(try RunningProgram.run("/bin/cat", [pipe]).lines.count == 1)
        #expect(try running.waitForEnd() == .status(0))
    }

    /// The reader takes 20 KB in 5 ms, so the pipe is full most of the time.
    @Test func progressOnTheSamePipeDoesNotSplitRecords() throws {
        let list = try folder.write((1...20_000).map { "data:,\($0)\n" }.joined(), to: "list")
        let reader =
            "import os, time; b = b'x'\nwhile b:\n b = os.read(0, 20000); os.write(1, b); time.sleep(0.005)"
        let reading = try folder.write(reader, to: "reader.py")
        let script = #""$0" -w 1 -i "$1" --log-interval 20ms 2>&1 | python3 "$2""#
        let words = ["-c", script, BuiltPrograms.path("fetchpool"), list, reading]
        let lines = try RunningProgram.run("/bin/sh", words, within: .seconds(120)).lines
        let others = lines.filter { !$0.hasPrefix(#"{"v":1,"#) || !$0.hasSuffix("}") }
        #expect(lines.count - others.count == 20_000)
        #expect(others.count > 10)
        #expect(!lines.contains { $0.dropFirst().contains("fetchpool: ") }, "\(others)")
    }

    /// The reader reads only after the run has ended.
    @Test func recordsAreWholeLinesAfterASignalAlthoughTheirReaderStands() throws {
        let list = try folder.write((1...20_000).map { "data:,\($0)\n" }.joined(), to: "list")
        let stats = folder.file("stats")
        let script =
            #"{ timeout --signal TERM 5 "$0" -q -w 1 -i "$1" --stats "$2"; touch "$3"; } | { while ! test -e "$3"; do sleep 0.1; done; cat; }"#
        let words = ["-c", script, BuiltPrograms.path("fetchpool"), list, stats, folder.file("end")]
        let output = try RunningProgram.run("/bin/sh", words, within: .seconds(120)).output
        #expect(output.hasSuffix("}\n"))
        let count = output.utf8.count { $0 == 0x0A }
        #expect(count > 100)
        #expect(try folder.read("stats").contains(#""records":\#(count),"#))
    }
}
