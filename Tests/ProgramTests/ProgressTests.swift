// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestTerminal
import TestThreads
import Testing

/// Tests of the progress: the display that is drawn in place on a terminal, and the progress lines.
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

    /// A script that runs a program on a terminal, and prints the program's output and the changes of the
    /// terminal's size.
    ///
    /// Each line that the script prints is one JSON value: a piece of the program's output, an array with the
    /// columns and rows of a new size, or `[]` after the redraws at the last size. The last line is an array
    /// with the exit status.
    ///
    /// The arguments of the script are the program, a JSON object, and the program's own arguments. In the
    /// object, `sizes` has pairs of columns and rows. `redraws` is the least number of times that the display
    /// is drawn at each size. `then` has the signals that are sent after the redraws at the last size.
    /// `variables` has variables of the program's environment. If `drops` is false, the program's standard
    /// output is the terminal; otherwise it is `/dev/null`. Standard error is always the terminal.
    ///
    /// The size changes when the program has written nothing for 60 ms. After each write, the program reads
    /// the terminal's size, to learn whether a narrow terminal has cut a line. The size must not change
    /// between the write and this read.
    private static let resizing = """
        import fcntl, json, os, pty, select, signal, struct, sys, termios

        plan = json.loads(sys.argv[2])

        def resize(terminal, columns, rows):
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            print(json.dumps([columns, rows]))

        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8"}, **plan.get("variables", {}))
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *plan["sizes"][0][::-1], 0, 0))
            if plan.get("drops", True): os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            os.execv(sys.argv[1], [sys.argv[1]] + sys.argv[3:])

        def take():
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if data: print(json.dumps(data.decode("latin-1")))
            return data

        ended = False
        for size in plan["sizes"]:
            resize(terminal, *size)
            drawn = b""
            while not ended and drawn.count(b"\\x1b[?7h") < plan["redraws"]:
                data = take()
                drawn += data
                ended = not data
            while not ended and select.select([terminal], [], [], 0.06)[0]: ended = not take()
        print("[]")
        for number in plan.get("then", []): os.kill(pid, number)
        while not ended: ended = not take()
        _, status = os.waitpid(pid, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status)]))

        """

    /// The screens that a program has drawn on an emulated terminal.
    private struct Drawn {
        /// The screens after the redraws at each size, and at the end.
        ///
        /// `lines` has all rows, and `visible` has only the rows in the window (`TerminalScreen`).
        var screens: [(columns: Int, lines: [String], visible: [String])] = []
        /// The control sequences that the emulated terminal does not know.
        var unknown: [String] = []
        /// The whole output of the program.
        var text = ""
        /// The exit status of the program; minus the signal's number if a signal has ended the program.
        var status = -1
    }

    private func draw(_ plan: String, _ arguments: [String]) throws -> Drawn {
        let finished = try RunningProgram.run(
            "/usr/bin/python3",
            ["-c", Self.resizing, BuiltPrograms.path("fetchpool"), plan] + arguments
        )
        var (drawn, screen) = (Drawn(), TerminalScreen(columns: 200, rows: 50))
        var (bytes, isFirst) = ([UInt8](), true)
        for line in finished.lines {
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
            if let text = event as? String {
                // Each scalar of `text` is one byte; the bytes of one character may come in two pieces.
                bytes += text.unicodeScalars.map { UInt8($0.value) }
                guard let whole = String(validating: bytes, as: UTF8.self) else { continue }
                drawn.text += whole
                screen.show(whole)
                bytes = []
            } else if let numbers = event as? [Int] {
                if !isFirst { drawn.screens.append((screen.columns, screen.lines, screen.visibleLines)) }
                isFirst = false
                if numbers.count == 2 {
                    screen.resize(columns: numbers[0], rows: numbers[1])
                } else if let status = numbers.first {
                    drawn.status = status
                }
            }
        }
        drawn.unknown = screen.unknown
        try #require(drawn.status >= 0, "\(finished.errors)")
        return drawn
    }

    @Test func withoutATerminalALineComesAfterEachInterval() throws {
        let pages = ["data:,x", "\(server.base)/hang"]
        let running = try RunningProgram("fetchpool", ["--log-interval", "100ms"] + pages)
        for _ in 0..<2 { try running.waitForErrors(holding: "fetchpool: 1 of 2 · ") }
        running.signal(SIGTERM)
        try running.waitForErrors(holding: "interrupted")
        running.signal(SIGINT)
        #expect(try running.waitForEnd() == .status(143))
        let lines = try running.allErrors().split(separator: "\n").filter { $0.contains(" of 2 · ") }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix("fetchpool: ") })
        #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") })
    }

    @Test func aSignalShowsTheProgressOnceWithoutEndingTheRun() throws {
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1"])
        try running.send("data:,x")
        #expect(try running.record()?.outcome == "ok")
        running.signal(SIGUSR1)
        try running.waitForErrors(holding: "fetcher 0 · ")
        try running.send("data:,y")
        let finished = try running.finish()
        #expect(finished.end == .status(0))
        let lines = finished.errors.split(separator: "\n")
        #expect(lines.count == 2, "\(lines)")
        #expect(lines.first?.hasPrefix("fetchpool: 1 done · ") == true, "\(lines)")
        #expect(lines.last?.hasPrefix("  fetcher 0 · pid ") == true, "\(lines)")
    }

    @Test func inAQuietRunASignalTellsTheTimeSinceTheLastTask() throws {
        let running = try RunningProgram("fetchpool", ["-q", "--log-format", "json", "-w", "1"])
        try running.send("data:,x")
        #expect(try running.record()?.outcome == "ok")
        Thread.sleep(forTimeInterval: 1.5)
        running.signal(SIGUSR1)
        try running.waitForErrors(holding: #""kind":"worker""#)
        let line = try running.finish().errors.split(separator: "\n").first ?? ""
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect((object?["idle_seconds"] as? Double ?? 0) >= 1, "\(line)")
    }

    @Test func inJSONEachLineIsOneObject() throws {
        let running = try RunningProgram("fetchpool", ["--log-format", "json", "-w", "1"])
        try running.send("data:,x")
        #expect(try running.record()?.outcome == "ok")
        running.signal(SIGUSR1)
        try running.waitForErrors(holding: #""kind":"worker""#)
        try running.send("no URL")
        let finished = try running.finish()
        #expect(finished.end == .status(1))
        let objects = try finished.errors.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["kind"] as? String } == ["progress", "worker", "summary"])
        for object in objects {
            #expect(object["time"] is String && object["level"] is String && object["message"] is String)
        }
        #expect(objects.first?["done"] as? Int == 1)
        #expect((objects.last?["statistics"] as? [String: Any])?["records"] as? Int == 2)
    }

    @Test(
        arguments: [
            (["--log-format=json", "--no-such-option"], 2),
            (["--log-format", "json", "-i", "/nonexistent"], 3),
            (["--workers", "x", "--log-format", "json"], 2),
        ] as [([String], Int32)]
    )
    func inJSONAnErrorIsAnObject(options: [String], status: Int32) throws {
        let finished = try RunningProgram.run("fetchpool", options)
        #expect(finished.end == .status(status))
        let object = try JSONSerialization.jsonObject(with: Data(finished.errors.utf8)) as? [String: Any]
        #expect(object?["level"] as? String == "error" && object?["kind"] as? String == "error")
        #expect(object?["message"] is String)
    }

    @Test func withVerboseTheProgressShowsTheFetchesOfAWorker() throws {
        let running = try RunningProgram(
            "fetchpool",
            ["-v", "-w", "2", "--log-interval", "100ms", "\(server.base)/hang"]
        )
        try running.waitForErrors(holding: "  fetcher 0 · pid ")
        try running.waitForErrors(holding: " s · 127.0.0.1:\(server.port)/hang")
        running.signal(SIGTERM)
        try running.waitForErrors(holding: "interrupted")
        running.signal(SIGINT)
        #expect(try running.waitForEnd() == .status(143))
    }

    @Test(arguments: [["-q"], ["--progress", "off"]])
    func anIntervalWithoutLinesIsRefused(options: [String]) throws {
        let finished = try RunningProgram.run("fetchpool", ["--log-interval", "1s", "data:,x"] + options)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains("--log-interval beside --quiet or --progress off"))
    }

    @Test(arguments: [40, 60, 80, 200])
    func theDisplayFitsItsTerminalAndLeavesACleanScreen(columns: Int) throws {
        let input = try folder.write((1...20_000).map { "\(server.base)/hang?\($0)\n" }.joined(), to: "list")
        // Two signals end the run immediately. They are two different signals, because the kernel may
        // deliver a repeated signal only once.
        let drawn = try draw(
            #"{"sizes":[[\#(columns),30]],"redraws":4,"then":[2,15]}"#,
            ["--per-host", "1", "-w", "2", "-i", input]
        )
        #expect([130, 143].contains(drawn.status))
        #expect(drawn.unknown.isEmpty)
        let first = try #require(drawn.screens.first)
        #expect(first.lines.count == 2, "\(first)")
        #expect(first.lines.allSatisfy { $0.count < columns }, "\(first)")
        #expect(first.lines.first?.contains("0 of 20000") == true, "\(first)")
        #expect(first.lines.last?.contains("waiting for: 127.0.0.1") == true, "\(first)")
        let last = try #require(drawn.screens.last).lines
        #expect(!last.contains { $0.contains("0 of 20000") }, "\(last)")
    }

    @Test func theDisplayOfTwelveWorkersLeavesNothingBehindWhenItsWindowChanges() throws {
        let input = try folder.write((1...1000).map { "\(server.base)/hang?\($0)\n" }.joined(), to: "list")
        let drawn = try draw(
            #"{"sizes":[[200,30],[80,30],[40,30],[120,10],[200,30]],"redraws":3,"then":[2,15]}"#,
            ["-v", "-w", "12", "-i", input]
        )
        #expect([130, 143].contains(drawn.status))
        #expect(drawn.unknown.isEmpty)
        #expect(drawn.screens.map(\.columns) == [200, 80, 40, 120, 200, 200])
        for screen in drawn.screens.dropLast() {
            #expect(screen.visible.filter { $0.contains(" of 1000") }.count == 1, "\(screen)")
            #expect(screen.visible.allSatisfy { $0.count < screen.columns }, "\(screen)")
        }
        let last = try #require(drawn.screens.last).visible
        #expect(!last.contains { $0.contains(" of 1000") }, "\(last)")
    }

    @Test(arguments: [[], ["-o", "/dev/tty"]])
    func recordsAndDisplayOnOneTerminalDoNotMix(options: [String]) throws {
        let pages = (1...6).map { "\(server.base)/delay/\($0)00" }
        let drawn = try draw(
            #"{"sizes":[[200,30]],"redraws":4,"then":[],"drops":false}"#,
            ["--per-host", "6"] + options + pages
        )
        #expect(drawn.status == 0)
        let text = drawn.screens.last?.lines.joined() ?? ""
        #expect(text.components(separatedBy: #"{"v":1"#).count == 7)
        #expect(!text.contains("━") && !text.contains(" of 6 "), "\(text)")
        for number in 1...6 { #expect(text.contains("/delay/\(number)00\"")) }
    }

    @Test func noColorDisablesTheColoursOfTheDisplay() throws {
        let plan = #"{"sizes":[[80,30]],"redraws":3,"then":[2,15],"variables":{"NO_COLOR":"1"}}"#
        let drawn = try draw(plan, ["\(server.base)/hang"])
        #expect(!drawn.text.contains("\u{1B}[3") && !drawn.text.contains("\u{1B}[2m"))
        #expect(drawn.text.contains("0 of 1"))
    }

    @Test func aDumbTerminalGetsPlainLines() throws {
        let plan = #"{"sizes":[[80,30]],"redraws":0,"then":[],"variables":{"TERM":"dumb"}}"#
        let drawn = try draw(plan, ["--log-interval", "100ms", "\(server.base)/delay/1500"])
        #expect(drawn.status == 0)
        #expect(!drawn.text.contains("\u{1B}"))
        #expect(drawn.text.contains("fetchpool: 0 of 1 · "))
    }

    @Test func progressThatNobodyReadsDoesNotDelayTheRun() throws {
        let script = """
            import os, subprocess, sys
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            try:
                while True: os.write(writer, b"x" * 4096)
            except BlockingIOError: pass
            os.set_blocking(writer, True)
            full = subprocess.run(sys.argv[1:], stderr=writer, stdout=subprocess.PIPE)
            closed = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, preexec_fn=lambda: os.close(2))
            os.close(reader)
            broken = subprocess.run(sys.argv[1:], stderr=writer, stdout=subprocess.PIPE)
            print(full.returncode, closed.returncode, broken.returncode, len(full.stdout.splitlines()))
            """
        let finished = try python(script, ["--log-interval", "10ms", "\(server.base)/delay/200"])
        #expect(finished.lines == ["0 0 0 1"], "\(finished.errors)")
    }

    /// A script that runs a program in the background of a terminal, and prints the program's exit status.
    ///
    /// The terminal has the setting `TOSTOP`, which stops background jobs that write to the terminal. If the
    /// program is stopped, the script prints 99.
    private static let background = """
        import os, pty, signal, sys, termios

        pid, terminal = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "xterm"
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
