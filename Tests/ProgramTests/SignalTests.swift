// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of runs that are interrupted, or wait for their last fetches.
@Suite(.ownThread)
struct SignalTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Starts a run with one worker and an open input.
    ///
    /// Returns once `path` is in flight and the second task, `/page/1`, has its record.
    private func run(_ path: String, _ arguments: [String] = []) throws -> RunningProgram {
        let running = try RunningProgram("fetchpool", ["-w", "1", "--per-host", "0"] + arguments)
        try running.send("\(server.base)\(path)\n\(server.base)/page/1")
        #expect(try running.record()?.id == "2")
        return running
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func afterTheFirstSignalOnlyRequestsInFlightFinish(signal: Int32) throws {
        let running = try run("/delay/800")
        running.signal(signal)
        try running.waitForErrors(holding: "interrupted")
        try running.send("\(server.base)/get")
        #expect(try running.record()?.outcome == "ok")
        #expect(try running.line() == nil)
        #expect(try running.waitForEnd() == .status(128 + signal))
        #expect(try running.allErrors().contains("2 records in "))
        #expect(try server.statistics().requests == 2)
    }

    @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGTERM), (SIGINT, SIGTERM)])
    func theSecondSignalCancelsRequestsInFlight(first: Int32, second: Int32) throws {
        let running = try run("/hang")
        let workers = try ProcessWatch.all(below: running.pid)
        running.signal(first)
        try running.waitForErrors(holding: "interrupted")
        // If the same signal came again within 50 ms of the first, the run would ignore it.
        usleep(60_000)
        running.signal(second)
        #expect(try running.waitForEnd(within: .seconds(8)) == .status(128 + first))
        let record = try #require(try running.record())
        #expect(record.id == "1")
        #expect(record.outcome == "cancelled")
        for worker in workers { #expect(worker.hasEnded(within: .zero)) }
    }

    /// timeout(1) signals its child process, and then the process group to which both belong.
    ///
    /// So the child process gets two signals.
    @Test func theSameSignalRightAfterTheFirstCancelsNoRequest() throws {
        for _ in 1...20 {
            let running = try run("/delay/800")
            running.signal(SIGTERM)
            running.signal(SIGTERM)
            let outcome = try running.record()?.outcome
            #expect(try running.waitForEnd() == .status(143))
            // On a busy machine, the second signal can come more than 50 ms after the first. Then the second
            // signal cancels the request.
            if outcome == "ok" { return }
        }
        Issue.record("the second signal cancelled the request each time")
    }

    /// All tasks are done, but the run cannot write all records, because nobody reads the output.
    @Test(arguments: [1, 2, 3])
    func aStoppedReaderDoesNotKeepAnInterruptedRunFromEnding(signals: Int) throws {
        let output = try UnreadOutput()
        let arguments = ["-w", "1", "-p", "text"] + (1...40).map { "\(server.base)/page/\($0)" }
        let running = try RunningProgram("fetchpool", arguments, output: .file(output.path))
        let watch = try ProcessWatch(running.pid)
        try output.waitForBytes()
        // The list lacks the workers that have already ended and were reaped.
        let workers = try ProcessWatch.all(below: running.pid)
        for worker in workers { #expect(worker.hasEnded(within: RunningProgram.patience)) }
        #expect(!watch.hasEnded(within: .milliseconds(500)))
        for signal in [SIGINT, SIGTERM, SIGHUP].prefix(signals) { running.signal(signal) }
        if signals == 1 {
            // After one signal, the run waits ten seconds for the reader.
            #expect(!watch.hasEnded(within: .seconds(3)))
        }
        #expect(watch.hasEnded(within: signals == 1 ? .seconds(30) : .seconds(8)))
        // If several signals come together, the kernel chooses which one is delivered first.
        let ends = [SIGINT, SIGTERM, SIGHUP].prefix(signals).map { RunningProgram.End.status(128 + $0) }
        #expect(ends.contains(try running.waitForEnd()))
    }

    /// Standard error is a pipe that is full before the run begins, so the run can write no message.
    @Test func messagesThatNobodyReadsDoNotDelayAnInterruptedRun() throws {
        let errors = try UnreadOutput()
        try errors.fill()
        let words = [BuiltPrograms.path("fetchpool"), "-w", "1", "\(server.base)/hang"]
        let script = "exec \"$0\" \"$@\" 2>'\(errors.path)'"
        let running = try RunningProgram("/bin/sh", ["-c", script] + words)
        while try server.statistics().requests == 0 { usleep(1_000) }
        let watch = try ProcessWatch(running.pid)
        running.signal(SIGTERM)
        running.signal(SIGINT)
        #expect(watch.hasEnded(within: .seconds(10)))
        #expect([.status(128 + SIGINT), .status(128 + SIGTERM)].contains(try running.waitForEnd()))
    }

    @Test func aRunNearItsEndNamesTheWaitingFetches() throws {
        let running = try run("/hang", ["--log-interval", "100ms"])
        running.endInput()
        try running.waitForErrors(holding: "waiting for: the last fetch for 1 s")
    }

    /// systemd and Slurm send SIGTERM to all processes of a run.
    @Test func aTaskWhoseWorkerIsEndedByTheSignalOfTheRunIsCancelled() throws {
        let folder = TestFolder()
        let script = """
            echo '{"t":"hello","v":1}'
            read init
            read task
            echo $$ > "$1/new"
            mv "$1/new" "$1/pid"
            exec sleep 60

            """
        let command = "sh '\(try folder.write(script, to: "worker.sh"))' '\(folder.path)'"
        let options = ["-w", "1", "--crash-retries", "0", "-x", command]
        let running = try RunningProgram("fetchpool", options + ["data:,x"])
        let deadline = ContinuousClock.now + .seconds(60)
        while !folder.holds("pid"), ContinuousClock.now < deadline { usleep(10_000) }
        let pid = try #require(Int32(folder.read("pid").dropLast()))
        running.signal(SIGTERM)
        try running.waitForErrors(holding: "interrupted")
        kill(pid, SIGTERM)
        #expect(try running.record()?.outcome == "cancelled")
        #expect(try running.waitForEnd() == .status(143))
    }

    @Test func waitingResponsesAreProcessedAfterASignal() throws {
        let running = try run("/delay/300", ["-p", "links"])
        running.signal(SIGTERM)
        let record = try #require(try running.record())
        // The processor `links` refuses a body that is plain text, so this error shows that the processor
        // ran.
        #expect(record.outcome == "process_error")
        #expect(try running.waitForEnd() == .status(143))
    }
}
