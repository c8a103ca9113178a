// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the progress line on a terminal.
@Suite(.serialized, .ownThread)
struct ProgressTests {
    private let server: FixtureServer
    private let folder: TestFolder

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    private func python(_ script: String, _ arguments: [String]) throws -> RunningProgram.Finished {
        try RunningProgram.run(
            "/usr/bin/python3",
            ["-c", script, BuiltPrograms.path("fetchpool")] + arguments
        )
    }

    /// Runs a program on a terminal with several widths, and prints the lines that are drawn at each width.
    private static let resizing = """
        import fcntl, json, os, pty, signal, struct, sys, termios

        def resize(terminal, columns):
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

        pid, terminal = pty.fork()
        if pid == 0:
            resize(0, 200)
            os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            os.execv(sys.argv[1], sys.argv[1:])
        drawn = b""
        for columns in [200, 80, 60, 30]:
            resize(terminal, columns)
            # A line that was being drawn during the change has the old width.
            start = drawn.count(b"\\x1b[K") + 2
            while drawn.count(b"\\x1b[K") < start + 3:
                drawn += os.read(terminal, 65536)
            for line in drawn.split(b"\\r\\x1b[K")[start:start + 2]:
                print(json.dumps([columns, line.decode()]))
        os.kill(pid, signal.SIGKILL)

        """

    @Test func withoutATerminalALineComesAfterEachInterval() throws {
        let pages = ["data:,x", "\(server.base)/hang"]
        let running = try RunningProgram("fetchpool", ["--log-interval", "100ms"] + pages)
        for _ in 0..<2 { try running.waitForErrors(holding: "fetchpool: 1 of 2 · ") }
        running.signal(SIGTERM)
        running.signal(SIGTERM)
        #expect(try running.waitForEnd() == .status(143))
        let lines = try running.allErrors().split(separator: "\n").filter { $0.contains(" of 2 · ") }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix("fetchpool: ") })
        #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") })
    }

    @Test func aSignalShowsTheStateOnceAndEndsNothing() throws {
        let running = try RunningProgram("fetchpool", ["-q"])
        try running.send("data:,x")
        #expect(try running.record()?.outcome == "ok")
        running.signal(SIGUSR1)
        try running.waitForErrors(holding: "fetchpool: 1 done · ")
        try running.send("data:,y")
        let finished = try running.finish()
        #expect(finished.end == .status(0))
        #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
    }

    @Test(arguments: [["-q"], ["--progress", "off"], ["--progress", "on"]])
    func anIntervalWithoutLinesIsRefused(options: [String]) throws {
        let finished = try RunningProgram.run("fetchpool", ["--log-interval", "1s", "data:,x"] + options)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains("--log-interval beside --quiet or --progress"))
    }

    @Test func theLineFitsOnATerminalOfAnyWidth() throws {
        let input = try folder.write((1...20_000).map { "\(server.base)/hang?\($0)\n" }.joined(), to: "list")
        let finished = try python(Self.resizing, ["--per-host", "1", "-i", input])
        var lines: [Int: [String]] = [:]
        for text in finished.lines {
            let drawn = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any] ?? []
            if let columns = drawn.first as? Int, let line = drawn.last as? String {
                lines[columns, default: []].append(line)
            }
        }
        try #require(lines.keys.sorted() == [30, 60, 80, 200], "\(finished.errors)")
        for (columns, drawn) in lines {
            for line in drawn { #expect(line.count < columns && line.hasPrefix("0 of 20000 · n"), "\(line)") }
        }
        let host = "127.0.0.1:\(server.port)"
        #expect(lines[200]?.allSatisfy { $0.hasSuffix("19999 lines wait for \(host), 1 in flight") } == true)
        #expect(lines[80]?.allSatisfy { $0.contains("no failures · 19999 lines wait") } == true)
        #expect(lines[60]?.allSatisfy { $0.contains(" · no failures") && !$0.contains(host) } == true)
        #expect(lines[30]?.allSatisfy { $0.hasSuffix("no failures") || $0.hasSuffix("…") } == true)
    }

    /// Runs a program in the background of a terminal with `TOSTOP`, which stops background jobs that write.
    private static let background = """
        import os, pty, signal, sys, termios

        pid, terminal = pty.fork()
        if pid == 0:
            settings = termios.tcgetattr(0)
            settings[3] |= termios.TOSTOP
            termios.tcsetattr(0, termios.TCSANOW, settings)
            job = os.fork()
            if job == 0:
                os.setpgid(0, 0)
                os.dup2(os.open("/dev/null", os.O_RDWR), 0)
                os.dup2(0, 1)
                os.execv(sys.argv[1], sys.argv[1:])
            _, status = os.waitpid(job, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                os.kill(job, signal.SIGKILL)
                os._exit(99)
            os._exit(os.WEXITSTATUS(status))
        while True:
            try:
                if not os.read(terminal, 65536): break
            except OSError:
                break
        _, status = os.waitpid(pid, 0)
        print(os.WEXITSTATUS(status))

        """

    @Test func aBackgroundJobIsNotStoppedByItsProgressLine() throws {
        let finished = try python(Self.background, ["-q", "--progress", "on", "\(server.base)/delay/1500"])
        #expect(finished.lines == ["0"], "\(finished.errors)")
    }
}
