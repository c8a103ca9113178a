// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import Glibc
import Platform
import PoolWire

/// The filter, which reads lines from standard input and writes one record for each task and each refused
/// line, in the order of completion.
///
/// One thread does everything except the look-ups of host names and the output. A second thread writes the
/// records, so that a blocked output stops no transfer. Input is read only while one more fetch may begin and
/// the output is not full, so an endless input takes bounded memory.
struct FilterLoop: ~Copyable {
    private let client: FetchClient
    private let output: OutputThread
    private let concurrency: Int
    private let defaultScheme: TargetURL.Scheme?
    private var input = LineFramer(maxLineBytes: WireLimits.maxInputLineBytes)
    /// True after the end of the input, or after a failed read.
    private var hasInputEnded = false
    /// The exit status after a failed read of the input; 0 if no read has failed.
    private var inputStatus: Int32 = 0
    private var ordinal = 0
    /// True if one more fetch was allowed at the last call of `hasRoom`, but the output was full.
    private var waitsForOutput = false
    private var tasks = TaskTable<InputTask>()
    private var writer = JSONWriter()
    private var time = RecordTime()
    /// The file that the cookies are written to at the end; `nil` for none.
    private let cookieJar: String?
    /// A descriptor that is readable once a signal has come (`EndSignals.listen`); −1 without a cookie file,
    /// or if `listen` failed.
    private let signals: Int32

    /// Runs until the input has ended and all records are written; then exits the process.
    ///
    /// A failed read of the input counts as its end; the exit status is then 3. A signal, or an error of the
    /// output, ends the process earlier.
    static func run(_ settings: FetchSettings, defaultScheme: TargetURL.Scheme?) -> Never {
        // SIGPIPE is ignored: a write to a closed pipe returns EPIPE.
        signal(SIGPIPE, SIG_IGN)
        var loop = FilterLoop(settings, defaultScheme)
        while !loop.isFinished { loop.turn() }
        loop.finishOutput()
        loop.writeCookieJar()
        // exit(3) would run OpenSSL's exit handler, which would free memory that libcurl's open connections
        // still use.
        _exit(loop.output.exitStatus != 0 ? loop.output.exitStatus : loop.inputStatus)
    }

    private init(_ settings: FetchSettings, _ defaultScheme: TargetURL.Scheme?) {
        self.defaultScheme = defaultScheme
        client = Program.makeClient(settings)
        concurrency = settings.concurrency
        cookieJar = settings.cookieJar
        if let cookieJar, let reason = WholeFile(cookieJar, mode: 0o600).refusal {
            Program.leave("cannot write --cookie-jar '\(cookieJar)': \(reason)", status: 3)
        }
        signals = cookieJar == nil ? -1 : EndSignals.listen()
        output = OutputThread()
        output.start()
    }

    /// Waits until all records are written, writing has failed, or a signal ends the process.
    private func finishOutput() {
        output.close()
        while !output.isDone {
            var entries = [
                pollfd(fd: output.wakeDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            ]
            unsafe _ = poll(&entries, nfds_t(entries.count), -1)
            leaveAfterSignal()
            if entries[0].revents != 0 { output.clearWake() }
        }
    }

    /// Writes the cookie file and ends the process, if a signal has come.
    private func leaveAfterSignal() {
        guard signals >= 0, EndSignals.last != 0 else { return }
        writeCookieJar()
        EndSignals.leave()
    }

    private func writeCookieJar() {
        guard let cookieJar else { return }
        guard let reason = WholeFile(cookieJar, mode: 0o600).write(CookieFile.text(of: client.cookies)) else {
            return
        }
        Program.leave("cannot write --cookie-jar '\(cookieJar)': \(reason)", status: 3)
    }

    private var isFinished: Bool { hasInputEnded && client.inFlight == 0 && input.pendingBytes == 0 }

    private mutating func turn() {
        client.advance()
        while let result = client.takeFinished() {
            let task = tasks.remove(result.token)
            time.set(milliseconds: RecordTime.now())
            result.writeRecord(of: task, at: time, into: &writer)
        }
        // Tasks begin after the results are taken, because each result lets one more task begin.
        beginTasks()
        if !writer.isEmpty { output.write(writer.take()) }
        if output.exitStatus != 0 {
            writeCookieJar()
            _exit(output.exitStatus)
        }
        guard !isFinished else { return }
        wait()
    }

    /// Returns true if a fetch can begin; also sets `waitsForOutput`.
    private mutating func hasRoom() -> Bool {
        let mayFetch = client.inFlight < concurrency
        waitsForOutput = mayFetch && output.isFull
        return mayFetch && !waitsForOutput
    }

    private mutating func beginTasks() {
        while hasRoom() {
            guard let line = input.next() ?? lastLine() else { return }
            ordinal += 1
            switch line {
            case .tooLong: begin(InputLine.tooLong(ordinal: ordinal))
            case .whole(let range):
                let line = InputLine.read(
                    input.bytes.span.extracting(range),
                    ordinal: ordinal,
                    defaultScheme: defaultScheme
                )
                begin(line)
            }
        }
    }

    /// Returns the bytes after the last line feed as a line; `nil` before the end of the input, or if there
    /// are no such bytes.
    ///
    /// After a failed read, the function drops these bytes and returns `nil`, because they may be a part of a
    /// longer URL.
    private mutating func lastLine() -> LineFramer.Line? {
        guard hasInputEnded else { return nil }
        let line = input.finish()
        return inputStatus == 0 ? line : nil
    }

    private mutating func begin(_ line: InputLine) {
        switch line {
        case .blank: break
        case .refused(let refused): writer.writeRecord(of: refused)
        case .task(let input):
            do throws(TaskError) {
                let task = try FetchTask(reading: input.object.span)
                client.begin(task, token: tasks.insert(input))
            } catch {
                // `InputLine.read` accepts only tasks that `FetchTask` can read.
                preconditionFailure("a task was read twice with different results: \(error.message)")
            }
        }
    }

    /// Waits for a transfer, the input, the output or a signal, and reads available input.
    private mutating func wait() {
        let timeout = client.settle()
        // `hasRoom` has read `output.isFull`, and this function must not read it once more. If `isFull`
        // returned false now, the output thread would stop waking this loop, and a line that is already read
        // would wait.
        let wantsInput = client.inFlight < concurrency && !waitsForOutput && !hasInputEnded
        var entries = [
            pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
            // poll(2) ignores an entry with a negative descriptor.
            pollfd(fd: wantsInput ? 0 : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.wakeDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        if signals >= 0 { entries.append(pollfd(fd: signals, events: Int16(POLLIN), revents: 0)) }
        unsafe _ = poll(&entries, nfds_t(entries.count), timeout)
        leaveAfterSignal()
        if entries[1].revents != 0 { read() }
        if entries[2].revents != 0 { output.clearWake() }
    }

    private mutating func read() {
        switch input.fill(from: 0) {
        case .some: break
        case .end: hasInputEnded = true
        case .failed(let number):
            Program.say("cannot read standard input: \(systemError(number))")
            (hasInputEnded, inputStatus) = (true, 3)
        }
    }
}
