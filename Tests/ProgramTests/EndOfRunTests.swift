// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the options that decide when a run ends and when it has failed, and of `--shard auto/N`.
///
/// The test of wrong values also covers `--shard I/N`, `--limit`, and `--dedupe` beside `--supervised`.
@Suite(.ownThread)
struct EndOfRunTests {
    private let server: FixtureServer
    private let folder = TestFolder()

    init() throws { server = try FixtureServer() }

    @Test(arguments: [
        ("any", "404", Int32(1)), ("errors", "404", 0), ("errors", "reset", 1), ("errors", "crash", 1),
        ("errors", "no url", 1), ("crashes", "reset", 0), ("crashes", "404", 0), ("crashes", "crash", 1),
        ("none", "crash", 0), ("none", "reset", 0), ("50%", "404", 0), ("49.9%", "404", 1), ("0%", "404", 1),
        ("0%", "ok", 0), ("100%", "404", 0),
    ])
    func theValueOfFailOnDecidesTheExitStatus(rule: String, kind: String, status: Int32) throws {
        let worker = try folder.write(
            """
            import json, os, signal, sys
            print(json.dumps({"t": "hello", "v": 1}), flush=True)
            for line in sys.stdin:
                if '"task"' not in line:
                    continue
                if "crash" in line:
                    os.kill(os.getpid(), signal.SIGKILL)
                print(json.dumps({"seq": json.loads(line)["seq"], "result": 1}), flush=True)

            """,
            to: "worker.py"
        )
        let second = [
            "404": "\(server.base)/status/404", "reset": "\(server.base)/reset", "crash": "data:,crash",
        ]
        let lines = "data:,a\n\(second[kind] ?? (kind == "ok" ? "data:,b" : kind))\n"
        let list = try folder.write(lines, to: "list")
        let arguments = [
            "-q", "-w", "1", "--retries", "0", "--crash-retries", "0", "--fail-on", rule, "-i", list, "-x",
            "python3 '\(worker)'",
        ]
        #expect(try RunningProgram.run("fetchpool", arguments).end == .status(status))
    }

    @Test(arguments: [
        ["--deadline", "9223372036s"], ["--log-interval", "9223372036s"],
        ["-p", "text", "--start-deadline", "9223372036s"],
        ["-p", "text", "--task-deadline", "9223372036s", "--crash-retries", "100"],
        ["--worker", "fetchpool-fetch --supervised", "--task-deadline", "9223372036s"],
        ["--timeout", "9223372036s", "--connect-timeout", "9223372036s", "--dns-cache", "9223372036s"],
        ["-p", "text", "--worker-memory", "8388607TiB", "--max-body", "8388607TiB"],
        ["--max-retry-after", "9223372036s", "--host-patience", "9223372036s"],
    ])
    func theLargestValuesAreNoLimits(words: [String]) throws {
        var words = words
        if words[0] == "--worker" {
            words[1] = BuiltPrograms.path("fetchpool-fetch") + " --supervised"
        }
        let finished = try RunningProgram.run("fetchpool", words + ["\(server.base)/page/1"])
        #expect(finished.end == .status(0), "\(finished.errors)")
        #expect(try finished.records.count == 1)
    }

    @Test(arguments: [("3", 4, "any"), ("2%", 100, "any"), ("3", 4, "none")])
    func tooManyFailuresEndTheRun(limit: String, atLeast: Int, rule: String) throws {
        // The input stays open, so that only the limit can end the run.
        let arguments = ["-w", "1", "--max-failures", limit, "--fail-on", rule]
        let running = try RunningProgram("fetchpool", arguments)
        for number in 1...200 {
            try running.send(number % 10 == 0 || limit == "3" ? "no url \(number)" : "data:,\(number)")
        }
        #expect(try running.waitForEnd() == .status(5))
        #expect(try running.allErrors().contains("more failures than --max-failures allows"))
        #expect(try running.remainingRecords().count >= atLeast)
    }

    @Test func fewFailuresDoNotEndTheRun() throws {
        let list = try folder.write("no url\n" + (1...98).map { "data:,\($0)\n" }.joined(), to: "list")
        for limit in ["1", "2%"] {
            let finished = try RunningProgram.run("fetchpool", ["-q", "-i", list, "--max-failures", limit])
            #expect(finished.end == .status(1))
            #expect(try finished.records.count == 99)
        }
    }

    /// Most of the lines that fail get their records before the other lines, which are delayed, are fetched.
    @Test(arguments: ["no url", "http://127.0.0.1:1/"])
    func thePercentageOfFailuresIsNotMeasuredOnTheFirstRecordsOnly(failing: String) throws {
        let lines = (1...600).map { number in
            number % 10 < 3 ? "\(failing)\(number)\n" : "\(server.base)/delay/20?\(number)\n"
        }
        let list = try folder.write(lines.joined(), to: "list")
        let finished = try RunningProgram.run("fetchpool", ["-q", "-i", list, "--max-failures", "40%"])
        #expect(finished.end == .status(1))
        #expect(finished.lines.count == 600)
    }

    @Test(arguments: [
        (["--max-failures", "0", "--retries", "0"], "/status/404", Int32(1)),
        (["--deadline", "5s"], "/delay/6000", 0),
    ])
    func aLimitThatCancelsNoTaskKeepsTheStatus(options: [String], path: String, status: Int32) throws {
        let finished = try RunningProgram.run("fetchpool", options + [server.base + path])
        #expect(finished.errors.contains("; finishing the tasks in flight"))
        #expect(finished.lines.count == 1)
        #expect(finished.end == .status(status))
    }

    @Test(arguments: [("29%", Int32(0)), ("28.9999999999%", 1)])
    func percentagesAreExact(percentage: String, status: Int32) throws {
        let lines = (1...100).map { $0 <= 29 ? "no url\n" : "data:,\($0)\n" }
        let list = try folder.write(lines.joined(), to: "list")
        let arguments = ["-q", "-i", list, "--fail-on", percentage]
        #expect(try RunningProgram.run("fetchpool", arguments).end == .status(status))
    }

    @Test(.ownThread(isFirst: true)) func theDeadlineEndsTheRun() throws {
        let list = try folder.write(
            "data:,a\n" + (1...4).map { "\(server.base)/delay/60000?\($0)\n" }.joined(),
            to: "list"
        )
        let arguments = ["-i", list, "-o", folder.file("out"), "--resume"]
        let start = ContinuousClock.now
        let finished = try RunningProgram.run(
            "fetchpool",
            arguments + ["--deadline", "500ms", "--per-host", "2"]
        )
        #expect(finished.end == .status(6))
        #expect(finished.errors.contains("the time of --deadline is over"))
        #expect(start.duration(to: .now) < .seconds(40))
        let records = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(records.outcomes["ok"] == 1)
        let cancelled = try #require(records.outcomes["cancelled"])
        #expect(1...2 ~= cancelled && records.count == 1 + cancelled, "only begun tasks may have records")
        let slow = try folder.read("list").replacing("/delay/60000?", with: "/get?")
        let quick = try folder.write(slow, to: "quick")
        let other = try RunningProgram.run("fetchpool", ["-q", "-i", quick] + arguments.dropFirst(2))
        #expect(other.end == .status(3), "--resume must refuse a list with other URLs")
    }

    /// The records go to a named pipe that has no reader.
    ///
    /// In the first case, the task takes 60 s and has not ended at the deadline. In the second case, the task
    /// ends long before the deadline.
    @Test(.ownThread(isFirst: true), arguments: [("500ms", "/delay/60000"), ("2s", "")])
    func theDeadlineEndsTheRunEvenIfNobodyReadsTheRecords(deadline: String, path: String) throws {
        let pipe = folder.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let url = path.isEmpty ? "data:,a" : server.base + path
        let arguments = ["--deadline", deadline, "-o", pipe, url]
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(6))
        #expect(finished.errors.contains("fetchpool: the output did not accept the last records in time"))
    }

    @Test func aRunThatEndsBeforeItsDeadlineSucceeds() throws {
        let finished = try RunningProgram.run("fetchpool", ["-q", "--deadline", "1h", "data:,a"])
        #expect(finished.end == .status(0))
    }

    @Test(arguments: [
        ("auto/4", ["SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_MIN=3", "SLURM_ARRAY_TASK_COUNT=1"], "3/4"),
        ("auto/5", ["JOB_COMPLETION_INDEX=0"], "1/5"), ("auto/5", ["JOB_COMPLETION_INDEX=4"], "5/5"),
    ])
    func schedulersNameTheShard(option: String, variables: [String], shard: String) throws {
        let list = try folder.write((1...50).map { "data:,\($0)\n" }.joined(), to: "list")
        let running = try RunningProgram(
            "fetchpool",
            ["-q", "-i", list, "--shard", option],
            variables: variables
        )
        let ids = try running.finish().records.sortedIDs
        #expect(
            ids
                == (try RunningProgram.run("fetchpool", ["-q", "-i", list, "--shard", shard]).records
                    .sortedIDs)
        )
        #expect(!ids.isEmpty && ids.count < 50)
    }

    @Test(arguments: [
        ("auto/2", "SLURM_ARRAY_TASK_ID=7", "the number of this job is 7, and the parts are 1 to 2"),
        (
            "auto/2", "SLURM_ARRAY_TASK_ID=9223372036854775808",
            "the number of this job is 9223372036854775808"
        ),
        ("auto/2", "JOB_COMPLETION_INDEX=9223372036854775807", "JOB_COMPLETION_INDEX is 9223372036854775807"),
        ("auto/2", "JOB_COMPLETION_INDEX=2", "JOB_COMPLETION_INDEX is 2, and the parts are 0 to 1"),
    ])
    func jobsWithoutAPartAreRefused(option: String, variable: String, says: String) throws {
        let running = try RunningProgram("fetchpool", ["--shard", option], variables: [variable])
        let finished = try running.finish()
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains(says), "\(finished.errors)")
    }

    @Test(arguments: [
        (["--fail-on", "some"], "--fail-on: expected any, errors, crashes, none, or a percentage"),
        (["--fail-on", "101%"], "--fail-on: expected"), (["--fail-on", "-1%"], "--fail-on: expected"),
        (["--max-failures", "x"], "--max-failures: expected a number of failures, or a percentage"),
        (["--max-failures", "-1"], "--max-failures: expected"),
        (["--deadline", "0s"], "--deadline: expected"),
        (["--shard", "0/3"], "--shard: expected I/N"), (["--shard", "4/3"], "--shard: expected I/N"),
        (["--shard", "1"], "--shard: expected I/N"), (["--limit", "0"], "--limit: expected"),
        (["--shard", "auto"], "--shard: expected I/N"),
        (["--shard", "auto/2"], "--shard: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set"),
        (
            ["--dedupe", "--supervised"],
            "--dedupe has no effect with --supervised; give it to the parent coordinator"
        ),
    ])
    func wrongValuesAreNamed(arguments: [String], says: String) throws {
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains(says), "\(finished.errors)")
    }
}
