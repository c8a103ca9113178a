// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import PoolWorker

/// Tests `fetchpool-process --launch`, which prepares its process and then executes another program in the
/// same process.
@Suite(.ownThread)
struct LauncherTests {
    private static let launcher = BuiltPrograms.path("fetchpool-process")

    private func launch(_ words: String..., input: String = "") throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool-process", ["--launch"] + words, input: input)
    }

    @Test func aCommandFromPATHGetsItsArgumentsAndDescriptors() throws {
        let run = try launch(
            "--",
            "sh",
            "-c",
            #"read line; echo "$line|$*"; echo e >&2; exit 7"#,
            "sh",
            "-a",
            "b c",
            input: "in\n"
        )
        #expect(run.output == "in|-a b c\n")
        #expect(run.errors == "e\n")
        #expect(run.end == .status(7))
    }

    @Test func ignoredAndBlockedSignalsAreReset() throws {
        let run = try RunningProgram.run(
            "/usr/bin/env",
            [
                "--ignore-signal=PIPE,CHLD,HUP", "--block-signal=TERM,INT,USR1", Self.launcher, "--launch",
                "--",
                "cat", "/proc/self/status",
            ]
        )
        let masks = try run.lines.filter { $0.hasPrefix("SigBlk") || $0.hasPrefix("SigIgn") }.map {
            try #require(UInt64($0.suffix(16), radix: 16))
        }
        // The C library uses signals 32 and 33 itself. Its functions do not change the actions of these
        // signals (nptl(7)). The tests can be started with these signals already ignored.
        let own: UInt64 = 1 << 31 | 1 << 32
        #expect(masks.map { $0 & ~own } == [0, 0])
    }

    /// A coordinator escapes bytes that are not UTF-8, because Foundation passes only UTF-8 to a program.
    ///
    /// Each of these bytes becomes a character from U+10FF80 to U+10FFFF.
    @Test func escapedWordsAndVariablesAreRestored() throws {
        let script = #"printf '%s' "$1$E1" | od -An -tx1"#
        let words = [
            "E1=a\u{10FFE9}", Self.launcher, "--launch", "--escaped", "--", "sh", "-c", script, "sh",
            "\u{10FFC3}\u{10FFA9}é\u{10FFFF}",
        ]
        #expect(try RunningProgram.run("/usr/bin/env", words).output == " c3 a9 c3 a9 ff 61 e9\n")
        let plain = try RunningProgram.run("/usr/bin/env", words.filter { $0 != "--escaped" })
        #expect(plain.output.hasPrefix(" f4 8f bf 83 "))
    }

    @Test(.enabled(if: WorkerLimits.areEnforced))
    func theCommandGetsItsLimits() throws {
        let run = try launch(
            "--memory",
            "64MiB",
            "--",
            "sh",
            "-c",
            "ulimit -H -d; ulimit -S -d; ulimit -H -c"
        )
        #expect(run.lines == ["65536", "65536", "0"])
    }

    @Test func theCommandDiesWithTheProcessThatStartedIt() throws {
        let script = #""$0" --launch --parent $$ -- sh -c 'echo $$; exec sleep 60' & wait"#
        let parent = try RunningProgram("/bin/sh", ["-c", script, Self.launcher])
        let pid = try #require(try parent.line().flatMap { Int32($0) })
        let watch = try ProcessWatch(pid)
        parent.signal(SIGKILL)
        #expect(watch.hasEnded(within: .seconds(20)))
    }

    @Test func noCommandIsRunIfTheParentIsGone() throws {
        let run = try launch("--parent", "1", "--", "echo", "x")
        #expect(run.output == "")
        #expect(run.errors == "fetchpool-process: process 1, which asked for 'echo', is gone\n")
        #expect(run.end == .status(1))
    }

    @Test(arguments: [
        ("no-such-command", 127, "No such file or directory"),
        ("/no/such/command", 127, "No such file or directory"),
        ("/etc", 126, "Permission denied"), ("/etc/passwd", 126, "Permission denied"),
    ])
    func aCommandThatCannotBeRunIsNamedWithTheReason(command: String, status: Int32, reason: String) throws {
        let run = try launch("--", command)
        #expect(run.errors.hasPrefix("fetchpool-process: cannot run '\(command)': \(reason); "))
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(run.end == .status(status))
    }

    @Test(arguments: [
        (["--launch"], "--launch needs a command; write: --launch -- COMMAND"),
        (["--launch", "--memory", "0", "--", "true"], "--memory: the size must be above 0"),
        (
            ["--launch", "--supervised", "--", "true"],
            "--launch can be combined only with --memory, --parent and --escaped"
        ),
        (["--memory", "1MiB", "--supervised"], "--memory, --parent and --escaped need --launch"),
        (["--supervised", "true"], "unexpected argument 'true'; only --launch takes a command"),
    ])
    func wrongUsageGivesAnErrorOfOneSentence(words: [String], sentence: String) throws {
        let run = try RunningProgram.run("fetchpool-process", words)
        #expect(run.errors == "fetchpool-process: \(sentence)\n")
        #expect(run.end == .status(2))
    }
}
