// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of `Scripts/check-worker`: good workers pass, bad workers fail, and wrong use has status 2.
///
/// For each rule that a bad worker breaks, the script prints a sentence, and the title of the section of
/// `WorkerProtocol.md` that states the rule.
///
/// `DocumentationTests` runs the script for the documentation's workers in C and in shell.
@Suite(.ownThread)
struct CheckWorkerTests {
    private let folder = TestFolder()

    private static let script = Snippet.root.appendingPathComponent("Scripts/check-worker").path
    private static let page = "Sources/PoolWorker/PoolWorker.docc/WorkerProtocol.md"

    private func check(_ command: String, _ options: String...) throws -> RunningProgram.Finished {
        try RunningProgram.run(Self.script, options + [command], within: .seconds(300))
    }

    @Test(arguments: [
        ("fetchpool-process", "--supervised --processor links"),
        ("fetchpool-process", "--supervised --processor text"),
        ("fixture-processor", "--supervised"),
        ("fixture-worker", ""),
    ])
    func workersInSwiftKeepAllRules(program: String, arguments: String) throws {
        let checked = try check("'\(BuiltPrograms.path(program))' \(arguments)")
        #expect(checked.output == "All 16 rules hold.\n")
        #expect(checked.end == .status(0))
    }

    @Test(arguments: [("fetchpool", "{}"), ("fetchpool-fetch", #"{"responses":false,"concurrency":16}"#)])
    func workersThatFetchKeepAllRules(program: String, config: String) throws {
        let command = "'\(BuiltPrograms.path(program))' --supervised"
        let checked = try check(command, "--tasks", "without", "--config", config)
        #expect(checked.output == "All 15 rules hold.\n")
        #expect(checked.end == .status(0))
    }

    @Test func workerInPythonKeepsAllRules() throws {
        let scripts = Snippet.root.appendingPathComponent("Scripts").path
        let worker = try folder.write(
            """
            import sys
            sys.path.insert(0, "\(scripts)")
            from fetchpool_worker import serve
            serve(lambda response: {"bytes": len(response.body)})

            """,
            to: "worker.py"
        )
        let checked = try check("python3 '\(worker)'")
        #expect(checked.output == "All 16 rules hold.\n")
        #expect(checked.end == .status(0))
    }

    /// Between the import of the kit and `serve`, the worker prints, and starts a program that reads input.
    ///
    /// The worker also leaves a process behind, which `check-worker` ends.
    @Test func workerInPythonMayPrintAndStartPrograms() throws {
        let scripts = Snippet.root.appendingPathComponent("Scripts").path
        let pids = folder.file("pids")
        let worker = try folder.write(
            """
            import subprocess, sys
            sys.path.insert(0, "\(scripts)")
            from fetchpool_worker import serve
            print("loading the model", flush=True)
            subprocess.run(["cat"])
            null = subprocess.DEVNULL
            left = subprocess.Popen(["sleep", "1000"], stdin=null, stdout=null, stderr=null)
            with open("\(pids)", "a") as file: print(left.pid, file=file)
            serve(lambda response: {"bytes": len(response.body)})

            """,
            to: "worker.py"
        )
        let checked = try check("python3 '\(worker)'")
        #expect(checked.output == "All 16 rules hold.\n")
        let left = try folder.read("pids").split(separator: "\n").filter { pid in
            let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            return status.map { !$0.contains("State:\tZ") } ?? false
        }
        #expect(left.isEmpty)
    }

    @Test func deathByARealTimeSignalIsNamed() throws {
        let checked = try check(try worker("os.kill(os.getpid(), 36)"))
        #expect(checked.end == .status(1))
        #expect(checked.output.contains("(signal 36"), "\(checked.output)\(checked.errors)")
    }

    /// Returns the command of a Python worker that runs the line `misdeed` for each task.
    ///
    /// The worker runs `before` at its start. If `leaves` is false, the worker sleeps for 1,000 s after the
    /// end of its input.
    private func worker(_ misdeed: String, before: String = "", leaves: Bool = true) throws -> String {
        let path = try folder.write(
            """
            import json, os, signal, sys, time
            getattr(sys, "set_int_max_str_digits", int)(0)

            def say(text):
                print(text, flush=True)

            def finish(seq, result="1"):
                say('{"seq":%d,"result":%s}' % (seq, result))

            \(before)
            held = []
            for line in sys.stdin:
                message = json.loads(line)
                kind, seq = message["t"], message.get("seq")
                if kind != "task":
                    continue
                response = message.get("response")
                \(misdeed)
            \(leaves ? "" : "time.sleep(1000)")

            """,
            to: "worker.py"
        )
        return "python3 '\(path)'"
    }

    @Test(arguments: [
        (#"say('{"t":"returned","seq":%d}' % seq)"#, "start: it should return tasks only when"),
        (
            #"say('{"t":"bye","reason":"max_tasks"}'); sys.exit(0)"#,
            "start: it should send a result for its first task;"
        ),
        (#"finish(seq, "[\r1]")"#, "start: its lines should have a carriage return only directly before"),
        (#"say('junk'); finish(seq)"#, "start: each line on its standard output"),
        (
            #"say('{"t":"beat","spool_full":true}')"#,
            "start: it should send a result for its first task, within"
        ),
        (#"finish(seq, "NaN")"#, "start: each line on its standard output"),
        (#"say('{"seq":"%d","result":1}' % seq)"#, "start: a message should hold the 'seq' of its task"),
        (#"finish(seq + 1)"#, "start: it should name only tasks that it has"),
        (#"say('{"seq":%d}' % seq)"#, "start: a result message should hold 'result' or 'error'"),
        (#"say('{"seq":%d,"error":"bad"}' % seq)"#, "start: 'error' should be an object with a 'message'"),
        (#"say(line)"#, "start: it should not send back what it was sent"),
        (#"finish(seq, "[" * 501 + "]" * 501)"#, "start: a result should nest 500 deep at most"),
        (#"finish(seq); say('{"t":"hello","v":1}')"#, "results: 'hello' should be its first line"),
        (#"finish(seq); seq > 101 and finish(seq)"#, "results: no message about a task should follow"),
        (#"seq == 230 or finish(seq)"#, "results: a sequential worker should send results in order; 231"),
        (#"finish(min(seq, 1 << 50))"#, "numbers: it should name only tasks that it has"),
        (
            #"say(json.dumps({"seq": seq, "result": response.get("body")}))"#,
            "files: a body should have the same result"
        ),
        (
            #""body_path" in response and open(response["body_path"], "a").write("x"); finish(seq)"#,
            "files: it should not write to the file of a body"
        ),
        (
            #""body_path" in response and os.remove(response["body_path"]); finish(seq)"#,
            "files: it should not remove the file of a body"
        ),
        (
            // This worker uses the size in bytes as a number of characters.
            #"read = lambda: open(response["body_path"], "rb").read()[response["body_offset"]:]; "#
                + #"size = response["bytes"]; "#
                + #"finish(seq, len(response.get("body") or read().decode("utf-8", "replace")[:size]))"#,
            "files: a body should have the same result"
        ),
        (
            #"seq == 4 and open(response["body_path"]).read(); finish(seq)"#,
            "files: it should send a result for a task whose body is not UTF-8;"
        ),
        (
            #"line.encode("ascii"); finish(seq)"#,
            "files: it should send a result for a task whose body has characters of several bytes"
        ),
        (
            #"str(message["task"].get("meta")).encode(); finish(seq)"#,
            "text: it should send a result for a task with half of a surrogate pair"
        ),
        (
            #"sys.set_int_max_str_digits(4300); json.loads(line); finish(seq)"#,
            "text: it should send a result for a task with an integer of 6000 digits"
        ),
        (
            #"sys.exit(1) if "[" * 499 in line else finish(seq)"#,
            "text: it should send a result for a task with values that nest 500 deep"
        ),
        (
            #"say('{"seq":%d,"status":200}' % seq)"#,
            "start: a result message should hold 'result' or 'error'"
        ),
        (#"sys.exit(1) if "later" in message else finish(seq)"#, "unknown: it should ignore"),
        (#"os.set_blocking(1, False); finish(seq)"#, "ahead: it should send a result for each of many tasks"),
        (#"sys.exit(1) if len(line) > 1 << 20 else finish(seq)"#, "long: it should send a result"),
        (#"finish(seq); seq == 919 and os._exit(3)"#, "drain: it should exit with status 0"),
    ])
    func aMisdeedIsNamedWithTheSectionThatForbidsIt(misdeed: String, sentence: String) throws {
        let checked = try check(try worker(misdeed), "--patience", "10", "--start", "10")
        #expect(checked.end == .status(1))
        let line = try #require(checked.lines.first { $0.hasPrefix(sentence) }, "\(checked.output)")
        let section = try #require(line.firstMatch(of: /See "(.+)" in WorkerProtocol\.md\.$/)).output.1
        #expect(try DocumentationPages.text(Self.page).contains("## \(section)\n"))
    }

    @Test(arguments: [
        (#"{"t":"hello","v":2}"#, "start: 'v' of its 'hello' should be 1"),
        (
            #"{"t":"hello","v":1,"concurrency":9007199254740991}"#,
            "start: 'concurrency' of its 'hello' should be"
        ),
        (#"{"t":"hello","v":1,"processors":"all"}"#, "start: 'processors' of its 'hello' should be"),
        (#"{"t":"beat","rss_kb":"many"}"#, "start: 'rss_kb' of a beat should be a whole number"),
        (#"{"t":"ready"}"#, "start: each line should be a message of the protocol"),
    ])
    func aFirstLineThatIsWrongIsNamed(line: String, sentence: String) throws {
        let command = try worker(#"finish(seq)"#, before: "say('\(line)')")
        let checked = try check(command)
        #expect(checked.end == .status(1))
        #expect(checked.output.hasPrefix(sentence), "\(checked.output)")
    }

    /// `--patience` limits the wait for the next result.
    ///
    /// A slow worker gets fewer tasks than a fast worker.
    @Test(.ownThread(isFirst: true)) func aSlowWorkerThatIsRightKeepsAllRules() throws {
        let checked = try check(try worker("time.sleep(1); finish(seq)"), "--patience", "4")
        #expect(checked.output == "All 16 rules hold.\n")
    }

    @Test(arguments: [
        (#""status":"200""#, "'status' of a result should be a whole number"),
        (#""status":200,"fields":[]"#, "'fields' of a result should be an object"),
        (
            #""status":200,"fields":{"id":1}"#,
            "'fields' should hold only the members that the protocol names for it; it holds 'id'"
        ),
        (#""duration_ms":1"#, "a result message should hold 'result', 'error', 'status' or 'record'"),
        (#""status":200,"fields":{"headers":[["a","b"]]}"#, "'headers' in 'fields' should have the type"),
        (#""status":200,"fields":{"http_version":"HTTP/1.1"}"#, "'http_version' in 'fields' should have"),
        (#""status":200,"fields":{"bytes":{"wire":-1}}"#, "'bytes' in 'fields' should have the type"),
    ])
    func aResultAboutAFetchOfTheWrongTypeIsNamed(members: String, sentence: String) throws {
        let checked = try check(try worker(#"say('{"seq":%d,\#(members)}' % seq)"#), "--tasks", "without")
        #expect(checked.end == .status(1))
        #expect(checked.output.hasPrefix("start: \(sentence)"), "\(checked.output)")
    }

    @Test func aMemberThatIsNullCountsAsMissing() throws {
        let command = try worker(
            #"say('{"seq":%d,"result":1,"error":null,"status":null}' % seq)"#,
            before: #"say('{"t":"hello","v":1,"pid":null,"concurrency":null}')"#
        )
        let checked = try check(command)
        #expect(checked.output == "All 16 rules hold.\n")
    }

    @Test func aWorkerThatDoesNotExitAfterDrainIsNamed() throws {
        let checked = try check(
            try worker(#"finish(seq)"#, leaves: false),
            "--patience",
            "2"
        )
        #expect(checked.end == .status(1))
        #expect(checked.output.contains("results: it should exit after 'drain'"))
    }

    @Test(arguments: [
        ([], "name the command of a worker"), (["nosuch-worker"], "cannot run 'nosuch-worker': No such file"),
        (["python3 'x"], "the command cannot be split"),
        (["--patience", "inf", "true"], "invalid seconds value: 'inf'"),
        (["--start", "-1", "true"], "invalid seconds value: '-1'"),
    ])
    func wrongUseHasStatusTwo(arguments: [String], message: String) throws {
        let checked = try RunningProgram.run(Self.script, arguments)
        #expect(checked.end == .status(2))
        #expect(checked.errors.contains(message))
    }
}
