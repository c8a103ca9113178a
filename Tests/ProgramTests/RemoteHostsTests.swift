// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of `--hosts` in which a program replaces ssh, and runs the command on this machine.
@Suite(.ownThread)
struct RemoteHostsTests {
    private let folder = TestFolder()
    private let server: FixtureServer
    private let program = BuiltPrograms.path("fetchpool")

    init() throws { server = try FixtureServer() }

    /// Returns the options for a file of machines with these lines.
    ///
    /// The program in the place of ssh writes its process id to a file named after the machine. On a machine
    /// whose name begins with `slow`, the command starts after 2 s. A machine whose name begins with `hangs`
    /// never responds.
    private func hosts(_ lines: String...) throws -> [String] {
        let script = """
            #!/bin/sh
            echo $$ > '\(folder.path)'/"$1"
            case $1 in
            slow*) sleep 2 ;;
            hangs*) exec sleep 1000 ;;
            esac
            exec sh -c "$2"
            """
        let ssh = try folder.writeProgram(script, to: "connect")
        let file = try folder.write(lines.joined(separator: "\n") + "\n", to: "machines")
        return ["--hosts", file, "--ssh", "'\(ssh)'"]
    }

    private func run(_ hosts: [String], _ arguments: [String]) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", ["-q"] + hosts + arguments)
    }

    @Test func recordsNameTheMachine() throws {
        let hosts = try hosts("# two", "", "1 a.example \(program)", "1/you@b.example \(program)")
        let urls = (1...40).map { "\(server.base)/delay/20?\($0)" }
        let run = try run(hosts, ["--per-host", "0", "-c", "2"] + urls)
        #expect(run.end == .status(0), "\(run.errors)")
        let names = try run.records.map(\.workerHost)
        #expect(names.count == 40 && Set(names) == ["a.example", "you@b.example"])
    }

    /// Some editors write a byte order mark, and CR LF at the end of each line.
    @Test func aFileWithCommentsAndOtherLineEndsIsRead() throws {
        let hosts = try hosts("\u{FEFF}1 a \(program) # the first\r", "# none\r", "\r", "1/b\t\(program)\r")
        let urls = (1...20).map { "\(server.base)/delay/20?\($0)" }
        let run = try run(hosts, ["--per-host", "0", "-c", "2"] + urls)
        #expect(Set(try run.records.map(\.workerHost)) == ["a", "b"], "\(run.errors)")
    }

    @Test func machineThatNeverRespondsCostsNoTask() throws {
        let hosts = try hosts("1 hangs", "1 b \(program)")
        let urls = (1...6).map { "\(server.base)/page/\($0)" }
        let options = ["--start-deadline", "3s", "--task-deadline", "2s", "-p", "links"]
        let run = try run(hosts, options + urls)
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
    }

    @Test func machineThatNeverRespondsDelaysNoTask() throws {
        let hosts = try hosts("1 hangs", "1 b \(program)")
        let began = ContinuousClock.now
        let run = try run(hosts, (1...20).map { "\(server.base)/page/\($0)" })
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        // The default of `--start-deadline` is a minute.
        #expect(ContinuousClock.now - began < .seconds(40))
    }

    @Test func machineWithoutTheProgramDoesNotEndTheRunWhileAnotherMachineStarts() throws {
        let hosts = try hosts("1 a /nowhere/fetchpool", "1 slow \(program)")
        let urls = (1...8).map { "http://127.0.0.\($0):1/" } + ["data:,x"]
        let run = try run(hosts, ["--retries", "0"] + urls)
        #expect(run.end == .status(1), "\(run.errors)")
        #expect(try run.records.outcomes == ["ok": 1, "fetch_error": 8])
    }

    @Test func machineWithoutTheProgramCostsNoPOST() throws {
        let hosts = try hosts("1 a /nowhere/fetchpool", "1 b \(program)")
        let tasks = (1...8).map { #"{"url":"\#(server.base)/get?\#($0)","method":"POST"}"# + "\n" }
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "--per-host", "0"] + hosts,
            input: tasks.joined()
        )
        #expect(try run.records.outcomes == ["ok": 8], "\(run.errors)")
    }

    @Test func remoteProcessorThatCannotStartEndsTheRunWithItsMessage() throws {
        let run = try run(try hosts("1 a \(program)"), ["-x", "python3 /nowhere.py", "data:,x", "data:,y"])
        #expect(run.end == .status(4))
        #expect(run.errors.contains("/nowhere.py"), "\(run.errors)")
    }

    @Test func aColonMeansThisMachine() throws {
        let run = try run(try hosts(":"), ["data:,x"])
        #expect(try run.records.map(\.workerHost) == ["localhost"], "\(run.errors)")
    }

    /// Three programs split the command of the worker into words: the parent coordinator that reads `-x`, the
    /// shell on the machine, and the child coordinator that reads `--exec`.
    @Test func wordsOfCommandsArriveUnchanged() throws {
        let worker = try folder.write(
            """
            import json, sys
            for line in sys.stdin:
                message = json.loads(line)
                if message["t"] == "task":
                    print(json.dumps({"seq": message["seq"], "result": sys.argv[1:]}), flush=True)
            """,
            to: "worker.py"
        )
        let words = ["it's", "$HOME", "a b", #"\"#, "", "*", "é"]
        let quoted = words.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
        let run = try run(
            try hosts("1 a \(program)"),
            ["-x", "python3 '\(worker)' \(quoted)", "data:text/plain,x"]
        )
        #expect(try run.records.first?.anyResult as? [String] == words, "\(run.output)\(run.errors)")
    }

    @Test func lostConnectionsCostNoTask() throws {
        let hosts = try hosts("1 a \(program)", "1 b \(program)")
        let urls = (1...300).map { "\(server.base)/delay/20?\($0)" }
        let running = try RunningProgram("fetchpool", ["-q", "--per-host", "0", "-c", "4"] + hosts + urls)
        var kills = 0
        for round in 0..<8 {
            usleep(150_000)
            let name = folder.path + (round.isMultiple(of: 2) ? "/a" : "/b")
            let text = try? String(contentsOfFile: name, encoding: .utf8)
            guard let pid = text.flatMap({ Int32($0.dropLast()) }) else { continue }
            if kill(pid, SIGKILL) == 0 { kills += 1 }
        }
        let run = try running.finish()
        #expect(kills > 0)
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(try run.records.count == 300)
    }

    @Test(
        arguments: [
            ("0 a", "line 1: 0 workers; a machine may have 1 to 1024"),
            ("a\n\n2 -oX", "line 3: expected 'N HOST'"),
            ("2 a b c", "line 1: 'c' is one word too many"),
            ("a 2", "line 1: '2' is not a program"),
            ("a slots=4", "line 1: 'slots=4' is not a program"),
            ("5", "line 1: expected 'N HOST'"),
            ("# none", "it names no machine"),
        ]
    )
    func linesThatCannotBeUsedAreNamed(lines: String, sentence: String) throws {
        let run = try run(try hosts(lines), ["data:,x"])
        #expect(run.end == .status(2))
        #expect(run.errors.contains(sentence), "\(run.errors)")
    }

    @Test func optionsThatDoNotFitAreRefused() throws {
        let both = try run(try hosts("a") + ["--worker", "x"], ["data:,x"])
        #expect(both.end == .status(2))
        #expect(both.errors.contains("--worker beside --hosts"), "\(both.errors)")
        let alone = try run(["--ssh", "x"], ["data:,x"])
        #expect(alone.end == .status(2))
        #expect(alone.errors.contains("--ssh needs --hosts"), "\(alone.errors)")
    }

    @Test func programThatIsMissingOnTheOnlyMachineEndsTheRun() throws {
        let run = try run(try hosts("1 a /nowhere/fetchpool"), ["data:,x"])
        #expect(run.end == .status(4))
        #expect(run.errors.contains("'a' ended with exit status 127"), "\(run.errors)")
        #expect(run.errors.contains("give its path after the machine"))
    }

    @Test(arguments: [(#","program_version":"9.9.9""#, "fetchpool 9.9.9"), ("", "an older fetchpool")])
    func anotherVersionIsRefusedWithBothVersions(member: String, name: String) throws {
        let hello = #"{"t":"hello","v":1,"name":"fetchpool"\#(member),"concurrency":4}"#
        let other = try folder.writeProgram("#!/bin/sh\necho '\(hello)'\nexec cat >/dev/null\n", to: "other")
        let run = try run(try hosts("1 a \(other)"), ["data:,x"])
        #expect(run.end == .status(4))
        let version = try RunningProgram.run("fetchpool", ["--version"]).output
        let ours = version.split { $0 == " " || $0 == "\n" }.last ?? ""
        #expect(
            run.errors.contains("the other machine has \(name), and this machine has fetchpool \(ours)"),
            "\(run.errors)"
        )
    }

    @Test func machineThatCannotBeUsedIsNamedOnceWhileAnotherWorks() throws {
        let hosts = try hosts("1 lost /nowhere/fetchpool", "1 good \(program)")
        let urls = (1...60).map { "\(server.base)/delay/30?\($0)" }
        let run = try RunningProgram.run("fetchpool", ["--per-host", "0", "-c", "1"] + hosts + urls)
        #expect(run.end == .status(0), "\(run.errors)")
        let named = run.errors.split(separator: "\n").filter { $0.contains("the worker on 'lost' ended") }
        #expect(named.count == 1, "\(run.errors)")
    }
}
