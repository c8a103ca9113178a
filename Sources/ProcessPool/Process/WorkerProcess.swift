// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Foundation
import Glibc
import Platform
import PoolWire
import Synchronization

/// One child process, and the coordinator's ends of its pipes.
///
/// Only the pool thread uses objects of this class. Foundation starts and reaps the process. The loop polls
/// the descriptors, and only this object reads, writes and closes them. The descriptors are close-on-exec,
/// and the coordinator's ends of the pipes are non-blocking.
final class WorkerProcess: WorkerLink {
    let pid: pid_t
    private(set) var input: Int32
    private(set) var output: Int32
    private(set) var errors: Int32
    /// A descriptor that becomes readable at the end of the process; −1 if the kernel refused the descriptor,
    /// or after `closeAll`.
    ///
    /// The end of the pipes may come later, because other processes may hold the pipes open.
    private(set) var pidfd: Int32
    let process: Process
    private let exitBox: ExitBox
    private let groupGuard: GroupGuardLink?
    /// The number of unread bytes in the pipe of standard input when this pipe was closed.
    private var unreadAtClose = 0
    /// The memory for the results that the worker has not yet written to its standard output.
    ///
    /// The value is `nil` if there is no such memory, if the worker is known not to use the memory, or after
    /// the results were read.
    private var tail = OutputTail()
    /// The number of bytes that `readOutput` has read, from standard output and from the tail.
    private(set) var receivedBytes = 0
    private var isKnownToHaveEnded = false
    /// The position of the worker's `hello` in standard output; `nil` until the `hello` is found.
    ///
    /// While `tail` is `nil`, the `hello` is not searched for.
    private var hello: Int?
    /// The last bytes that were searched for `hello`.
    private var begin: [UInt8] = []

    /// The number of bytes after which `hello` is no longer searched for, unless the worker has opened its
    /// tail.
    private static let mostBeforeHello = 64 << 10
    /// The beginning of `hello` as Python writes it; a Python worker does not use the tail.
    private static let otherHello = Array(#"{"t": "hello""#.utf8)

    var finishedBytes: Int { max(receivedBytes, (hello ?? 0) + (tail?.end ?? 0)) }

    /// The end of the process.
    ///
    /// Foundation's termination handler sets the value on a thread of Foundation. If Foundation has reaped
    /// the process but runs no handler, `exitStatus` sets the value.
    ///
    /// The value is one word: an exit status, a signal as a negative number, or unknown. A `Mutex` would wait
    /// in a library that the thread sanitizer does not see, and the sanitizer would report false races.
    final class ExitBox: Sendable {
        private static let unknown = Int.min
        private let word = Atomic<Int>(unknown)
        private let isAbandoned = Atomic<Bool>(false)
        private let hasReleaser = Atomic<Bool>(false)

        var exit: WorkerExit? {
            let word = word.load(ordering: .acquiring)
            if word == Self.unknown { return nil }
            return word < 0 ? WorkerExit(signal: Int32(-word)) : WorkerExit(status: Int32(word))
        }

        func set(_ number: Int32, isSignal: Bool) {
            word.store(isSignal ? -Int(number) : Int(number), ordering: .sequentiallyConsistent)
        }

        /// Notes that the pool thread does not wait for the end any more.
        func abandon() { isAbandoned.store(true, ordering: .sequentiallyConsistent) }

        /// Returns `true` once: to the first caller after the end has become known and `abandon` was called.
        ///
        /// The termination handler calls this function after `set`, and the pool thread calls it after
        /// `abandon`. If both calls are made, exactly one of them returns `true`.
        func takesRelease() -> Bool {
            guard word.load(ordering: .sequentiallyConsistent) != Self.unknown else { return false }
            guard isAbandoned.load(ordering: .sequentiallyConsistent) else { return false }
            return !hasReleaser.exchange(true, ordering: .sequentiallyConsistent)
        }
    }

    /// The number of descriptors that must be free for a start.
    ///
    /// A start briefly needs 12 descriptors for the pipes and Foundation's threads; the other descriptors are
    /// a reserve.
    private static let descriptorsToStart = 20

    /// The largest number of bytes in one read of standard output.
    private static let readBytes = 16 << 10

    /// Starts the program `words[0]`, with the other words as its arguments.
    ///
    /// Only the pool thread may call this initializer. Foundation's socket that reports the end of a child is
    /// not close-on-exec. If two threads started children at the same time, one child could keep the other
    /// child's socket open. If this process is killed, `groupGuard` kills the child's process group.
    ///
    /// - Throws: `PoolError` if too few descriptors are left, a descriptor is at or above the limit, or
    ///   `/proc` is missing; `SpawnError` if the system starts no process for another reason.
    init(
        _ words: [String],
        in surroundings: WorkerSurroundings = WorkerSurroundings(),
        showsBacktrace: Bool,
        waking wake: WakePipe,
        groupGuard: GroupGuardLink? = nil
    ) throws {
        guard DescriptorLimit.holds(Self.descriptorsToStart) else { throw PoolError.noDescriptors }
        try StartCheck.check(words[0])
        ChildSignal.keepStatus()
        let pipes = try PipeTriple()
        let box = ExitBox()
        process = Process()
        process.inheritFolder()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        var environment = surroundings.environment(showsBacktrace: showsBacktrace)
        // By this variable, fetchpool_worker.py recognises its coordinator even if there is no tail.
        environment[OutputTail.variable] = tail?.path ?? "/proc/\(getpid())/fd/none"
        environment[ShellGuard.variable] = groupGuard?.announce()
        process.environment = environment
        process.standardInput = FileHandle(fileDescriptor: pipes.input.reader, closeOnDealloc: false)
        process.standardOutput = FileHandle(fileDescriptor: pipes.output.writer, closeOnDealloc: false)
        process.standardError = FileHandle(fileDescriptor: pipes.errors.writer, closeOnDealloc: false)
        process.terminationHandler = { ended in
            box.set(ended.terminationStatus, isSignal: ended.terminationReason == .uncaughtSignal)
            if box.takesRelease() { Self.breakCycle(of: ended) }
            wake.wake()
        }
        defer { pipes.closeChildEnds() }
        do {
            try SystemThread.pausingBatchScheduling { [process] in try process.run() }
        } catch {
            pipes.closeOurEnds()
            groupGuard?.forgetAnnounced()
            throw SpawnError.of(error, program: words[0])
        }
        (exitBox, self.groupGuard) = (box, groupGuard)
        (input, output, errors) = (pipes.input.writer, pipes.output.reader, pipes.errors.reader)
        pid = process.processIdentifier
        tail?.setWriter(pid)
        pidfd = clinux_pidfd_open(pid)
        surroundings.setNiceness(of: pid)
        groupGuard?.add(pid)
        for descriptor in [input, output, errors] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    /// Returns the end of the process; `nil` while it is not known.
    ///
    /// Until Foundation's handler has run, the function asks the kernel, if there is a `pidfd`. The handler
    /// runs about 1.6 ms after the end of the process, and a grandchild can delay all handlers. After
    /// Foundation has reaped the process, only Foundation knows its end.
    func exitStatus() -> WorkerExit? {
        if let known = exitBox.exit { return known }
        guard pidfd >= 0 else { return nil }
        var (signal, status): (Int32, Int32) = (0, 0)
        let code = unsafe clinux_peek_exit(pidfd, &signal, &status)
        if code == 1 { return WorkerExit(signal: signal == 0 ? nil : signal, status: status) }
        // Foundation has reaped the process. If the system refuses a thread, Foundation's handler never runs.
        guard code < 0, errno == ECHILD, !process.isRunning else { return nil }
        exitBox.set(process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal)
        return exitBox.exit
    }

    /// True if Foundation is known to have reaped the process, so that `release` does not wait.
    var isReaped: Bool { exitBox.exit != nil }

    /// Removes the process group from the guard, and breaks the reference cycle between the Process and its
    /// run-loop source.
    ///
    /// Without a call of `release` or `abandon`, each ended worker would leak 3 KB. Call this function only
    /// if `isReaped` is true; otherwise the function would wait.
    func release() {
        groupGuard?.remove(pid)
        Self.breakCycle(of: process)
    }

    /// Removes the process group from the guard, and breaks the reference cycle as soon as Foundation has
    /// reaped the process.
    ///
    /// Call this function instead of `release` when the pool thread does not wait any longer. Foundation's
    /// handlers may run seconds after the end of a process.
    func abandon() {
        groupGuard?.remove(pid)
        exitBox.abandon()
        if exitBox.takesRelease() { Self.breakCycle(of: process) }
    }

    /// Breaks the reference cycle of a process that Foundation has reaped.
    ///
    /// `waitUntilExit` then returns immediately, and sets the references of the cycle to `nil`.
    private static func breakCycle(of process: Process) { process.waitUntilExit() }

    /// Sends a signal to the worker's process group; Foundation has made the worker the leader of its own
    /// group.
    ///
    /// If there is no such group, the worker alone gets the signal, unless it is known to be reaped.
    func signalGroup(_ number: Int32) {
        // After the process was reaped, another process may have its number.
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
            unsafe findHello(in: UnsafeRawBufferPointer(rebasing: room[..<max(count, 0)]))
            return max(count, 0)
        }
        if count > 0 {
            receivedBytes += count
            return count < Self.readBytes ? .some : .full
        }
        if failure == EINTR { return .nothing }
        if failure == EAGAIN, tail != nil, !isKnownToHaveEnded, exitStatus() != nil {
            // The worker may have written between this read and the end of its process.
            isKnownToHaveEnded = true
            return readOutput(into: &framer)
        }
        if failure != EAGAIN || isKnownToHaveEnded, let rest = takeTail() {
            framer.append(rest)
            receivedBytes += rest.count
            return .some
        }
        return failure == EAGAIN ? .nothing : .end
    }

    /// Looks for the worker's `hello` among bytes that were just read.
    ///
    /// The function does nothing once the `hello` is found, or while `tail` is `nil`.
    ///
    /// A worker that uses the tail opens the tail before it writes `hello`, and counts its output from the
    /// `hello` on. The program may have printed other bytes before the `hello`.
    private func findHello(in bytes: UnsafeRawBufferPointer) {
        guard tail != nil, hello == nil else { return }
        let searched = unsafe begin + bytes
        if let found = searched.firstRange(of: #"{"t":"hello""#.utf8) {
            hello = receivedBytes - begin.count + found.lowerBound
            if tail?.revoke() ?? true { tail = nil }
            tail?.closeDescriptor()
            begin = []
            return
        }
        begin = searched.suffix(16)
        if receivedBytes >= Self.mostBeforeHello || searched.firstRange(of: Self.otherHello) != nil {
            // The worker may have opened the tail already, while its `hello` is still in the pipe.
            if tail?.revoke() ?? true { tail = nil }
        }
    }

    /// Returns the output that the worker has left in its tail; `nil` if there is none.
    ///
    /// Call this function only after the worker has ended or has closed its output.
    private func takeTail() -> [UInt8]? {
        defer { tail = nil }
        guard let hello, let rest = tail?.rest(after: receivedBytes - hello), !rest.isEmpty else {
            return nil
        }
        return rest
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
