// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The operating system as the executors' pool thread uses it; the program's signal handlers stay unchanged.
///
/// On the pool thread, all signals are blocked except those of faults in the program. So the program's
/// handlers usually run on other threads. A write to a dead worker returns EPIPE, and no SIGPIPE ends the
/// program. Foundation starts permanent threads with the first process, and these threads inherit the signal
/// mask of the pool thread. So if a program blocks signals on all its threads, and waits for these signals in
/// sigwait(3), then none of Foundation's threads takes the signals.
///
/// A worker that serves functions inherits the mask of the pool thread, and unblocks the signals itself. A
/// worker that runs a program gets the mask of the main thread, as if the main thread had started the worker.
/// During this start, which takes milliseconds, the pool thread has the mask of the main thread. While the
/// main thread is in sigwait(3), the kernel reports that the main thread does not block the awaited signals,
/// so the pool thread does not block them either. If two of these signals come during the start, sigwait(3)
/// takes the first one, and the second one may end the program.
final class ExecutorHost: LoopHost {
    private let kernel: KernelHost

    init(wake: WakePipe) { kernel = KernelHost(wake: wake) }

    /// Blocks all signals on this thread except those of faults in the program itself.
    static func blockSignals() {
        var set = sigset_t()
        unsafe sigfillset(&set)
        for number in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] {
            unsafe _ = sigdelset(&set, number)
        }
        unsafe _ = pthread_sigmask(SIG_SETMASK, &set, nil)
    }

    /// Gives this thread the mask of the main thread.
    private static func takeMaskOfMainThread() {
        var pipe = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe _ = sigaddset(&pipe, SIGPIPE)
        // A write may have left a SIGPIPE pending. This signal is taken away here, because it could end the
        // program when the mask below unblocks SIGPIPE.
        var none = timespec()
        while unsafe sigtimedwait(&pipe, nil, &none) == SIGPIPE {}
        var set = sigset_t()
        unsafe sigemptyset(&set)
        let mask = maskOfMainThread()
        for number in Int32(1)...64 where mask >> (number - 1) & 1 == 1 { unsafe _ = sigaddset(&set, number) }
        unsafe _ = pthread_sigmask(SIG_SETMASK, &set, nil)
    }

    /// Returns the signals that the main thread blocks: `SigBlk` of proc_pid_status(5), where bit 0 is signal
    /// 1.
    ///
    /// The result is 0 if the main thread blocks no signal, if `/proc/self/status` cannot be read or has no
    /// such line, or if the C library blocks signals in each of 100 checks, 1 ms apart.
    ///
    /// In `dispatchMain` and in the runtime of an asynchronous `main`, the main thread waits with no signal
    /// blocked. But for a moment before this wait, the main thread blocks most signals. The result is 0 in
    /// this moment too.
    private static func maskOfMainThread() -> UInt64 {
        let name = "SigBlk:\t"
        for _ in 0..<100 {
            let lines = KernelFile.text(of: "/proc/self/status")?.split(separator: "\n") ?? []
            guard let line = lines.first(where: { $0.hasPrefix(name) }),
                let mask = UInt64(line.dropFirst(name.count), radix: 16)
            else { break }
            // Only the C library itself can block the signal 32: for a moment, while it starts a thread or a
            // process.
            if mask >> 31 & 1 == 0 {
                let isDispatch = mask & dispatchMask == dispatchMask && mask >> (SIGPROF - 1) & 1 == 0
                return isDispatch ? 0 : mask
            }
            usleep(1_000)
        }
        return 0
    }

    /// Some of the signals that libdispatch blocks on its threads; it does not block SIGPROF.
    private static let dispatchMask: UInt64 = [
        SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGCHLD, SIGWINCH,
    ].reduce(0) { $0 | 1 << ($1 - 1) }

    var realTime: Int { kernel.realTime }

    func start(
        _ words: [String],
        in surroundings: WorkerSurroundings,
        showsBacktrace: Bool
    ) throws -> any WorkerLink {
        guard surroundings.endsWithParent else {
            return try kernel.start(words, in: surroundings, showsBacktrace: showsBacktrace)
        }
        // The guard (`ShellGuard`), which kills workers that outlive this program, is started first.
        // Foundation's permanent threads start with this first process, so they inherit the mask that blocks
        // the signals.
        if SystemPath.program(ThisProgram.start(of: words[0])) != nil { kernel.startGuard(surroundings) }
        Self.takeMaskOfMainThread()
        defer { Self.blockSignals() }
        return try kernel.start(words, in: surroundings, showsBacktrace: showsBacktrace)
    }

    func sleep(_ entries: inout [pollfd], milliseconds: Int32) {
        kernel.sleep(&entries, milliseconds: milliseconds)
    }

    func rest(nanoseconds: Int) { kernel.rest(nanoseconds: nanoseconds) }

    func poolLeft() { kernel.endIdleGuard() }

    func takeKernelKill() -> Bool { kernel.takeKernelKill() }
}
