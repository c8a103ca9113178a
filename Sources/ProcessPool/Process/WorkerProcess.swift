// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Foundation
import Glibc
import Platform
import PoolWire
import Synchronization

/// One child process and our ends of its pipes.
///
/// It decides nothing, and lives on the pool thread.
///
/// Foundation starts and reaps it; everything else is system calls on descriptors that are ours alone, close-on-exec
/// and non-blocking. Every descriptor is closed exactly once, here.
final class WorkerProcess: WorkerLink {
    let pid: pid_t
    private(set) var input: Int32
    private(set) var output: Int32
    private(set) var errors: Int32
    /// Polls readable once the process has ended, whoever holds its pipes; −1 where the kernel refused.
    private(set) var pidfd: Int32
    private let process: Process
    private let exitBox: ExitBox
    private let groupGuard: GroupGuardLink?
    /// What lay unread in standard input when it was closed.
    private var unreadAtClose = 0

    /// Where the termination handler, on a thread of its own, leaves how the process ended.
    ///
    /// One word: an exit status, a signal as a negative number, or that nothing is known. (The thread sanitizer does not
    /// see through a `Mutex` that is waited for, since the wait lies in a library that it was not built into.)
    final class ExitBox: Sendable {
        private static let unknown = Int.min
        private let word = Atomic<Int>(unknown)

        var exit: WorkerExit? {
            let word = word.load(ordering: .acquiring)
            if word == Self.unknown { return nil }
            return word < 0 ? WorkerExit(signal: Int32(-word)) : WorkerExit(status: Int32(word))
        }

        func set(_ number: Int32, isSignal: Bool) {
            word.store(isSignal ? -Int(number) : Int(number), ordering: .releasing)
        }
    }

    /// What a start takes for a moment, and Foundation for its threads: 12 with the pipes, and some to spare.
    private static let descriptorsToStart = 20

    /// What one read of standard output may take.
    private static let readBytes = 16 << 10

    /// Starts the program that comes first in `words`, with the others as its arguments.
    ///
    /// The pool thread alone may call this: two threads that start children at once would leak pipe ends into each
    /// other's. `groupGuard` ends its process group should this process be killed.
    ///
    /// - Throws: `PoolError` if there is no descriptor left, `SpawnError` if the system starts no process.
    init(
        _ words: [String],
        showsBacktrace: Bool,
        waking wake: WakePipe,
        groupGuard: GroupGuardLink? = nil
    ) throws {
        guard DescriptorLimit.holds(Self.descriptorsToStart) else { throw PoolError.noDescriptors }
        let pipes = try PipeTriple()
        let box = ExitBox()
        process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = showsBacktrace ? WorkerEnvironment.forRetry : WorkerEnvironment.usual
        process.standardInput = FileHandle(fileDescriptor: pipes.input.reader, closeOnDealloc: false)
        process.standardOutput = FileHandle(fileDescriptor: pipes.output.writer, closeOnDealloc: false)
        process.standardError = FileHandle(fileDescriptor: pipes.errors.writer, closeOnDealloc: false)
        process.terminationHandler = { ended in
            box.set(ended.terminationStatus, isSignal: ended.terminationReason == .uncaughtSignal)
            wake.wake()
        }
        defer { pipes.closeChildEnds() }
        do {
            try process.run()
        } catch {
            pipes.closeOurEnds()
            throw SpawnError.of(error, program: words[0])
        }
        (exitBox, self.groupGuard) = (box, groupGuard)
        (input, output, errors) = (pipes.input.writer, pipes.output.reader, pipes.errors.reader)
        pid = process.processIdentifier
        pidfd = clinux_pidfd_open(pid)
        groupGuard?.add(pid)
        for descriptor in [input, output, errors] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    /// How the process ended; `nil` while that is not known.
    ///
    /// The kernel is asked before Foundation's handler has run: that comes 1.6 ms after the end, and a grandchild can
    /// delay the handler of every child. Once Foundation has reaped the process, it alone can tell.
    func exitStatus() -> WorkerExit? {
        if let known = exitBox.exit { return known }
        guard pidfd >= 0 else { return nil }
        var (signal, status): (Int32, Int32) = (0, 0)
        let answer = unsafe clinux_peek_exit(pidfd, &signal, &status)
        if answer == 1 { return WorkerExit(signal: signal == 0 ? nil : signal, status: status) }
        // Foundation has reaped it, and where it gets no thread its handler never comes.
        guard answer < 0, errno == ECHILD, !process.isRunning else { return nil }
        exitBox.set(process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal)
        return exitBox.exit
    }

    /// Whether Foundation has reaped the process, so that `release` will not wait.
    var isReaped: Bool { exitBox.exit != nil }

    /// Breaks the cycle between the Process and its run-loop source, which nothing else does; else each death
    /// would leak 3 KB.
    ///
    /// Call it once `isReaped`: it returns at once then.
    func release() {
        groupGuard?.remove(pid)
        process.waitUntilExit()
    }

    /// Foundation made the worker the leader of its process group.
    func signalGroup(_ number: Int32) {
        // Once it is reaped its number may be another process's.
        if kill(-pid, number) != 0, !isReaped { kill(pid, number) }
    }

    func send(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var written = start
        while input >= 0, written < bytes.count {
            let count = writeSome(bytes.extracting(written...), to: input)
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                break
            } else {
                closeInput()
            }
        }
        return written - start
    }

    func readOutput(into framer: inout LineFramer) -> ReadResult {
        var failure: Int32 = 0
        let count = unsafe framer.fill(room: Self.readBytes) { room in
            let count = unsafe read(output, room.baseAddress, Self.readBytes)
            failure = count < 0 ? errno : 0
            return max(count, 0)
        }
        if count > 0 { return count < Self.readBytes ? .some : .full }
        return failure == EAGAIN || failure == EINTR ? .nothing : .end
    }

    func readErrors() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe read(errors, &bytes, bytes.count)
        if count > 0 { return Array(bytes[..<count]) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
    }

    func memory() -> (residentKB: Int?, peakKB: Int?) {
        let memory = ProcessMemory(of: pid)
        return (memory?.residentKB, memory?.peakKB)
    }

    var unreadInput: Int { input >= 0 ? max(Int(clinux_unread(input)), 0) : unreadAtClose }

    func closeInput() {
        unreadAtClose = unreadInput
        Self.close(&input)
    }

    func closeOutput() { Self.close(&output) }
    func closeErrors() { Self.close(&errors) }

    func closeAll() {
        closeInput()
        closeOutput()
        closeErrors()
        Self.close(&pidfd)
    }

    private static func close(_ descriptor: inout Int32) {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
