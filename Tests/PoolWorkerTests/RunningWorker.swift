// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Foundation
import Glibc
import PoolWire

/// A worker program in a process group of its own, with pipes for its three standard descriptors.
///
/// It is started by posix_spawn(3) with pipes that are close-on-exec from the first: tests run at the same time, and a pipe end that
/// slips into a neighbour's process would never end.
final class RunningWorker {
    /// How a process ended.
    enum End: Equatable {
        case status(Int32)
        case signal(Int32)
    }

    let pid: pid_t
    private var input: Int32
    private var output: Int32
    private let errors: Int32
    private var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    private var isReaped = false

    /// The longest wait for anything, in milliseconds: a failure, not a measure.
    private static let patience: Int32 = 20_000

    /// Starts the program called `name` that was built beside the tests.
    init(_ name: String, _ arguments: [String] = ["--supervised"]) throws {
        // A worker that refuses to begin is gone before all is sent to it.
        signal(SIGPIPE, SIG_IGN)
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name).path
        let pipes = (0..<3).map { _ in
            var (reader, writer): (Int32, Int32) = (-1, -1)
            unsafe clinux_pipe(&reader, &writer, O_CLOEXEC)
            return [reader, writer]
        }
        pid = try Self.spawn(path, arguments, [pipes[0][0], pipes[1][1], pipes[2][1]])
        (input, output, errors) = (pipes[0][1], pipes[1][0], pipes[2][0])
        for end in [pipes[0][0], pipes[1][1], pipes[2][1]] { close(end) }
    }

    deinit {
        kill(-pid, SIGKILL)
        if !isReaped { _ = waitForEnd() }
        for end in [input, output, errors] where end >= 0 { close(end) }
    }

    private static func spawn(_ path: String, _ arguments: [String], _ ends: [Int32]) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, end) in ends.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
        }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var environment = unsafe [strdup("SWIFT_BACKTRACE=enable=no"), strdup("PATH=/usr/bin:/bin"), nil]
        defer { unsafe (words + environment).forEach { unsafe free($0) } }
        var pid = pid_t()
        let failure = unsafe posix_spawn(&pid, path, &actions, &attributes, &words, &environment)
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
        return pid
    }

    // MARK: Talking

    /// Sends one line.
    func send(_ line: String) {
        send(Array((line + "\n").utf8))
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends `init` for the processor called `processor`.
    func begin(_ processor: String? = nil) {
        let config = processor.map { #"{"processor":"\#($0)"}"# } ?? "{}"
        send(#"{"t":"init","v":1,"config":\#(config)}"#)
    }

    /// Sends a task with a page; `wish` is what the fixture shall do.
    func task(_ seq: Int, wish: String) {
        task(seq, body: #"<meta name=\"fixture\" content=\"\#(wish)\">"#)
    }

    /// Sends a task with a body, the inside of a JSON string.
    func task(_ seq: Int, body: String, type: String = "text/html") {
        send(
            #"{"t":"task","seq":\#(seq),"attempt":1,"task":{"url":"http://h.test/"},"response":{"status":200,"#
                + #""url":"http://h.test/","headers":[],"content_type":"\#(type)","bytes":1,"body":"\#(body)"}}"#
        )
    }

    /// Closes the worker's standard input.
    func endInput() {
        close(input)
        input = -1
    }

    /// Goes away as a reader of the worker's output.
    func stopReading() {
        close(output)
        output = -1
    }

    // MARK: Listening

    /// The worker's next line; `nil` at the end of its output.
    func line() -> String? {
        while true {
            if case .whole(let range) = framer.next() {
                return String(decoding: framer.bytes[range], as: UTF8.self)
            }
            guard isReadable(output) else { return nil }
            let output = output
            let count = unsafe framer.fill(room: 65_536) { room in
                max(unsafe read(output, room.baseAddress, room.count), 0)
            }
            if count == 0 { return nil }
        }
    }

    /// The worker's next line that is no beat.
    func lineButBeats() -> String? {
        while let line = line() {
            if !line.hasPrefix(#"{"t":"beat""#) { return line }
        }
        return nil
    }

    /// All that the worker and what it started write to standard error, until all of them have closed it.
    func allErrors() -> String {
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while isReadable(errors) {
            let count = unsafe read(errors, &piece, piece.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += piece[..<count]
        }
        return String(decoding: text, as: UTF8.self) + " (and then it stayed open)"
    }

    /// Waits until the process has ended.
    func waitForEnd() -> End {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
        return status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, Self.patience) > 0
    }
}
