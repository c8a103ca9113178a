// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Foundation
import Glibc
import TestThreads

/// A program under test, by default with pipes for its three standard descriptors.
///
/// Each wait, except that of `signal(_:)`, serves all three pipes, so that the program and the test cannot
/// block each other. Such a wait has a bound, and throws an error if it reaches the bound. If the program is
/// not reaped when the last reference is released, its process group is killed.
///
/// Waits block their thread, so a test that starts a program has the trait `.ownThread`.
package final class RunningProgram {
    /// The way in which a process ended.
    package enum End: Hashable, Sendable {
        /// The process exited with a status.
        case status(Int32)
        /// A signal ended the process.
        case signal(Int32)
    }

    /// The result of a program that has ended.
    package struct Finished: Sendable {
        /// The unread rest of standard output.
        package let output: String
        /// The unread rest of standard error.
        package let errors: String
        /// The way in which the program ended.
        package let end: End

        /// The lines of `output` that are not empty.
        package var lines: [String] { output.utf8.split(separator: 0x0A).map { String(Substring($0)) } }
    }

    /// The default bound of a wait, so long that only a fault makes a wait reach it.
    package static let patience: Duration = .seconds(60)

    /// The name or the path with which the program was started.
    package let name: String
    /// The id of the process, which is also the id of its process group.
    package let pid: Int32
    private let exit: Int32
    private var pipes: (input: Int32, output: Int32, errors: Int32) = (-1, -1, -1)
    private var unsent: ArraySlice<UInt8> = []
    private var isInputEnding = false
    private var output = LineBuffer()
    private var errors = LineBuffer()
    /// True once a poll has reported the exit; later polls leave out the descriptor `exit`.
    private var hasExited = false
    private var end: End?

    /// Starts the program called `name` that was built together with the tests, or the program at the path
    /// `name`.
    ///
    /// `variables` are added to the environment, each as `NAME=VALUE`.
    ///
    /// - Throws: `ProgramError` if the program cannot be started, or if the test must not block its thread.
    package init(
        _ name: String,
        _ arguments: [String] = [],
        input: StandardInput = .pipe,
        output: StandardOutput = .pipe,
        variables: [String] = []
    ) throws {
        guard OwnThread.mayBlock else {
            throw ProgramError(description: "a test that starts '\(name)' needs the trait .ownThread")
        }
        // A program may exit before all input is sent. The SIGPIPE of the next write must not end the tests.
        Glibc.signal(SIGPIPE, SIG_IGN)
        self.name = name
        var start = ProgramStart()
        switch input {
        case .pipe: pipes.input = try start.pipe(0)
        case .closed: start.close(0)
        case .file(let path): start.open(0, path, O_RDONLY)
        }
        switch output {
        case .pipe: pipes.output = try start.pipe(1)
        case .closed: start.close(1)
        case .file(let path): start.open(1, path, O_WRONLY | O_APPEND)
        }
        pipes.errors = try start.pipe(2)
        pid = try start.run(
            BuiltPrograms.path(name),
            arguments,
            BuiltPrograms.environment + variables
        )
        // The program is not reaped yet, so no other process can have its id.
        exit = clinux_pidfd_open(pid)
    }

    deinit {
        if end == nil {
            kill(-pid, SIGKILL)
            _ = try? waitForEnd()
        }
        for descriptor in [pipes.input, pipes.output, pipes.errors, exit] where descriptor >= 0 {
            close(descriptor)
        }
    }

    // MARK: Sending

    /// Sends one line; the line is dropped if standard input has no open pipe.
    ///
    /// The call returns once the pipe has taken the line, even if the program has not read all of the line.
    ///
    /// - Throws: `ProgramError` if the pipe stays full for too long.
    package func send(_ line: String) throws {
        try send(Array((line + "\n").utf8))
    }

    /// Sends bytes unchanged; the bytes are dropped if standard input has no open pipe.
    ///
    /// The call returns once the pipe has taken all bytes, even if the program has not read the last bytes.
    ///
    /// - Throws: `ProgramError` if the pipe stays full for too long.
    package func send(_ bytes: [UInt8]) throws {
        unsent += bytes
        try wait("the reading of all input") { unsent.isEmpty || pipes.input < 0 }
    }

    /// Closes the pipe to the program's standard input.
    package func endInput() { Self.shut(&pipes.input) }

    /// Closes the reading end of the program's output.
    package func stopReading() { Self.shut(&pipes.output) }

    /// Sends a signal to the program, if the program has not ended.
    ///
    /// Returns once the signal is delivered, or after about half a second. A stopped program, for example,
    /// may get the signal only later. Without this wait, the kernel could merge a second signal of the same
    /// number with the pending signal (signal(7)).
    package func signal(_ number: Int32) {
        guard end == nil, kill(pid, number) == 0 else { return }
        for _ in 0..<500 {
            guard ProcessWatch.isPending(number, of: pid) else { return }
            usleep(1_000)
        }
    }

    // MARK: Receiving

    /// Returns the program's next line; `nil` at the end of its output, even after an incomplete line.
    ///
    /// - Throws: `ProgramError` if no line comes in time.
    package func line(within bound: Duration = patience) throws -> String? {
        var line = output.takeLine()
        try wait("a line", bound) {
            if line == nil { line = output.takeLine() }
            return line != nil || pipes.output < 0
        }
        return line.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits until the program and its child processes have closed standard error; returns the unread text.
    ///
    /// - Throws: `ProgramError` if a process keeps standard error open.
    package func allErrors(within bound: Duration = patience) throws -> String {
        try wait("the end of standard error", bound) { pipes.errors < 0 }
        return String(decoding: errors.takeAll(), as: UTF8.self)
    }

    /// Waits until the unread text of standard error contains `text`.
    ///
    /// - Throws: `ProgramError` if the text does not appear in time.
    package func waitForErrors(holding text: String, within bound: Duration = patience) throws {
        try wait("'\(text)' on standard error", bound) {
            String(decoding: errors.rest, as: UTF8.self).contains(text)
        }
    }

    /// Waits until the process has ended, and reaps it.
    ///
    /// - Throws: `ProgramError` if the process does not end in time.
    @discardableResult
    package func waitForEnd(within bound: Duration = patience) throws -> End {
        if let end { return end }
        try wait("the end", bound) { hasExited }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let reaped: End = status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
        end = reaped
        return reaped
    }

    /// Sends `input`, closes standard input, and waits until the outputs are closed and the process has
    /// ended.
    ///
    /// - Throws: `ProgramError` if the outputs are not closed within `bound`, or the process does not end
    ///   within `bound` after that.
    package func finish(_ input: [UInt8] = [], within bound: Duration = patience) throws -> Finished {
        unsent += input
        isInputEnding = true
        try wait("the end", bound) { pipes.output < 0 && pipes.errors < 0 }
        let end = try waitForEnd(within: bound)
        return Finished(
            output: String(decoding: output.takeAll(), as: UTF8.self),
            errors: String(decoding: errors.takeAll(), as: UTF8.self),
            end: end
        )
    }

    /// Runs a program until it ends.
    ///
    /// - Throws: `ProgramError` as the initializer says, or if the program does not end in time.
    package static func run(
        _ name: String,
        _ arguments: [String] = [],
        input: String = "",
        within bound: Duration = patience
    ) throws -> Finished {
        try RunningProgram(name, arguments).finish(Array(input.utf8), within: bound)
    }

    // MARK: Waiting

    /// Serves the pipes until `isDone` returns true; calls `isDone` after each event.
    private func wait(_ what: String, _ bound: Duration = patience, until isDone: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + bound
        serve(milliseconds: 0)
        while try !isDone() {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { throw tooLate(what, bound) }
            serve(milliseconds: Int32(left.rounded(.up)))
        }
    }

    private func tooLate(_ what: String, _ bound: Duration) -> ProgramError {
        let said = String(decoding: errors.rest.suffix(2_000), as: UTF8.self)
        return ProgramError(
            description: "waited \(bound) for \(what) of \(name) (\(pid)), which said: '\(said)'"
        )
    }

    /// Waits for an event of a pipe or for the exit, and then reads and writes as much as possible.
    private func serve(milliseconds: Int32) {
        let wantsWriting = !unsent.isEmpty || isInputEnding
        var entries = [
            pollfd(fd: wantsWriting ? pipes.input : -1, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: pipes.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pipes.errors, events: Int16(POLLIN), revents: 0),
            // After the exit, the descriptor stays ready and would end every wait at once.
            pollfd(fd: hasExited ? -1 : exit, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return }
        if entries[0].revents != 0 { write() }
        if entries[1].revents != 0 { Self.read(&pipes.output, into: &output) }
        if entries[2].revents != 0 { Self.read(&pipes.errors, into: &errors) }
        if entries[3].revents != 0 { hasExited = true }
    }

    private func write() {
        while !unsent.isEmpty {
            let count = unsafe unsent.withUnsafeBytes {
                unsafe Glibc.write(pipes.input, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return Self.shut(&pipes.input) }
            unsent = unsent.dropFirst(count)
        }
        if isInputEnding { Self.shut(&pipes.input) }
    }

    private static func read(_ descriptor: inout Int32, into buffer: inout LineBuffer) {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            if count < 0 { return }
            if count == 0 { return shut(&descriptor) }
            buffer.append(piece[..<count])
        }
    }

    private static func shut(_ descriptor: inout Int32) {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
