// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the exit status and the messages of a run.
@Suite(.ownThread)
struct ExitStatusTests {
    private let server: FixtureServer
    private let folder: TestFolder

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    @Test(arguments: [("/get", Int32(0)), ("/redirect/0", 0), ("/status/404", 1), ("/reset", 1)])
    func statusDependsOnTheOutcomes(path: String, status: Int32) throws {
        let finished = try RunningProgram.run("fetchpool", ["data:,x", server.base + path])
        #expect(finished.end == .status(status))
        #expect(finished.errors.hasPrefix("2 records in "))
        #expect(try RunningProgram.run("fetchpool", ["-q", server.base + path]).errors == "")
    }

    @Test(arguments: [
        (["--nosuch"], "unknown option '--nosuch'"), (["--worker"], "--worker needs a value (COMMAND)"),
        (["-w", "x"], "-w: expected"),
        (["-w", "0"], "-w: expected"), (["--max-body", "5 apples"], "--max-body: expected"),
        (["--timeout=0s"], "--timeout: expected"), (["-p", "nosuch"], "-p: expected links, text or json"),
        (["-p", "links", "-x", "cat"], "--processor and --exec cannot both be given"),
        (["-p", "links", "--worker", "cat"], "give it to the worker's own command"),
        (["--header", "no colon"], "--header: expected 'Name: value'"),
        (["--header", "A: b\nC: d"], "--header: "),
        (
            ["--cacert", "/nonexistent/certificates"],
            "--cacert: the file '/nonexistent/certificates' cannot be read"
        ),
        (["--cacert", "/tmp"], "--cacert: the file '/tmp' cannot be read"),
        (["--cacert", "/dev/null"], "--cacert: the file '/dev/null' holds no certificate"),
        (["--cacert", "/etc/passwd"], "--cacert: the file '/etc/passwd' holds no certificate"),
        (["--spool", "/tmp"], "--spool needs --processor or --exec"),
        (["--spool-limit", "1MiB"], "--spool-limit needs --processor or --exec"),
        (["-q", "-v"], "--quiet and --verbose cannot both be given"), (["-x", "'open"], "-x: "),
        (["--supervised", "-o", "file"], "--supervised takes tasks from its coordinator"),
    ])
    func wrongUsageIsNamedInOneLine(arguments: [String], says: String) throws {
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(2))
        #expect(finished.output == "")
        #expect(
            finished.errors.hasPrefix("fetchpool: ") && finished.errors.contains(says),
            "\(finished.errors)"
        )
        #expect(finished.errors.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        (["-i", "/nonexistent/list"], "cannot read --input '/nonexistent/list': No such file"),
        (["-i", "/"], "cannot read --input '/': it is a folder"),
        (
            ["-o", "/nonexistent/records", "data:,x"],
            "cannot write --output '/nonexistent/records': No such file"
        ),
        (["-o", "/dev/full", "data:,x"], "cannot write /dev/full: No space left on device"),
        (["--stats", "/nonexistent/stats", "data:,x"], "cannot write --stats '/nonexistent/stats'"),
        (["-p", "text", "--spool", "/nonexistent", "data:,x"], "cannot make a spool in '/nonexistent'"),
        (
            ["-p", "text", "--spool", "/dev/null", "data:,x"],
            "cannot make a spool in '/dev/null': Not a directory"
        ),
    ])
    func unusableFilesAreNamed(arguments: [String], says: String) throws {
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("fetchpool: " + says), "\(finished.errors)")
    }

    /// If the run continued, each new fetch worker would fail for the same reason and repeat its
    /// predecessor's requests.
    @Test func aRemovedSpoolEndsTheRunWithTheReason() throws {
        let spool = folder.makeFolder("spool")
        let running = try RunningProgram("fetchpool", ["-w", "1", "-p", "links", "--spool", spool.path])
        try running.send("\(server.base)/page/1")
        #expect(try running.record()?.outcome == "ok")
        try FileManager.default.removeItem(atPath: spool.path)
        // The pages fill more than one spool segment of 8 MiB, so a second segment must be created.
        for number in 2...400 { try running.send("\(server.base)/page/\(number)") }
        let finished = try running.finish()
        #expect(finished.end == .status(3))
        #expect(
            finished.errors.contains(
                "could not be made: No such file or directory; name another folder with --spool"
            )
        )
        #expect(try server.statistics().repeated == 0)
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func aFullDeviceEndsTheRun(program: String) throws {
        let running = try RunningProgram(program, output: .file("/dev/full"))
        let finished = try running.finish(Array("data:,x\n".utf8))
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("\(program): cannot write standard output: No space left on device"))
    }

    @Test(
        arguments: [
            ("fetchpool", ["--help"]), ("fetchpool", ["manual"]), ("fetchpool", ["report", "--help"]),
            ("fetchpool-fetch", ["--version"]), ("fetchpool-process", ["--help"]),
        ]
    )
    func informationThatCannotBeWrittenIsAFailure(program: String, arguments: [String]) throws {
        let finished = try RunningProgram(program, arguments, output: .file("/dev/full")).finish()
        #expect(finished.end == .status(3))
        #expect(finished.errors.contains("cannot write standard output: No space left on device"))
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func closedDescriptorsThatAreNeededEndTheRun(program: String) throws {
        let noInput = try RunningProgram(program, input: .closed).finish()
        #expect(noInput.end == .status(3))
        #expect(noInput.errors.contains("\(program): cannot read standard input: Bad file descriptor"))
        let noOutput = try RunningProgram(program, output: .closed).finish(Array("data:,x".utf8))
        #expect(noOutput.end == .status(3))
        #expect(noOutput.errors.contains("\(program): cannot write standard output: Bad file descriptor"))
    }

    @Test func closedDescriptorsThatAreNotNeededDoNoHarm() throws {
        let (list, output) = (try folder.write("\(server.base)/get", to: "list"), folder.path + "/records")
        let arguments = ["-i", list, "-o", output]
        let finished = try RunningProgram("fetchpool", arguments, input: .closed, output: .closed).finish()
        #expect(finished.end == .status(0))
        #expect(try folder.read("records").split(separator: "\n").count == 1)
    }

    @Test(arguments: ["--exec", "--worker"])
    func aCommandThatDoesNotExistIsNamed(option: String) throws {
        for name in ["no-such-program", "/nonexistent/program"] {
            let finished = try RunningProgram.run("fetchpool", [option, name, "data:,x"])
            #expect(finished.end == .status(4))
            #expect(
                finished.errors
                    == "fetchpool: \(option): the program '\(name)' does not exist, or this process has no permission to run it\n"
            )
        }
    }

    @Test(arguments: ["-x", "--worker"])
    func workersThatDieAtStartEndTheRunWithTheirMessage(option: String) throws {
        let command = "sh -c 'echo the licence is missing >&2; exit 7'"
        let finished = try RunningProgram.run("fetchpool", [option, command, server.base + "/get"])
        #expect(finished.end == .status(4))
        #expect(finished.errors.contains("workers cannot start"))
        #expect(finished.errors.contains("\n  the licence is missing\n"))
        #expect(try finished.records.outcomes == ["cancelled": 1])
    }

    @Test func workersThatAreTooLateEndTheRunWithTheNameOfTheOption() throws {
        // The first worker sends `hello` and exits. Each later worker must also send `hello` in time, but
        // sends nothing.
        let script = """
            #!/bin/sh
            [ -e '\(folder.file("said"))' ] && exec sleep 100
            touch '\(folder.file("said"))'
            echo '{"t":"hello","v":1}'
            """
        let worker = try folder.writeProgram(script, to: "late")
        let arguments = ["-w", "1", "-x", worker, "--start-deadline", "0.1s", "data:,x"]
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(4))
        #expect(finished.errors.contains("late' was too late for --start-deadline and said"))
    }

    @Test func aMissingScriptEndsTheRunWithTheInterpretersMessage() throws {
        let start = ContinuousClock.now
        let running = try RunningProgram("fetchpool", ["-w", "2", "-x", "python3 missing.py"])
        for number in 1...50 { try running.send("data:,\(number)") }
        let finished = try running.finish()
        #expect(finished.end == .status(4))
        #expect(finished.errors.contains("can't open file"))
        #expect(finished.errors.contains("missing.py"))
        #expect(try finished.records.sortedIDs == Array(1...50))
        #expect(try finished.records.outcomes == ["cancelled": 50])
        #expect(start.duration(to: .now) < .seconds(15))
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func aReaderThatClosesEndsTheRunQuietly(program: String) throws {
        let running = try RunningProgram(program)
        try running.send(server.base + "/get")
        #expect(try running.record()?.outcome == "ok")
        running.stopReading()
        // The program's input stays open. For a while, a process that another test is starting may hold the
        // reading end of the program's output. During this time, the program can still write records.
        var end: RunningProgram.End?
        for _ in 1...60 where end == nil {
            // If the program has ended since the last check, `send` drops the line.
            try? running.send(server.base + "/get")
            end = try? running.waitForEnd(within: .seconds(1))
        }
        #expect(end == .status(141))
        #expect(try running.allErrors() == "")
    }
}
