// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The host of the executors' pool thread, which leaves the program's signal handlers unchanged.
///
/// On the pool thread, all signals are blocked except those of faults in the program. So the program's
/// handlers usually run on other threads. A write to a dead worker returns EPIPE, and no SIGPIPE ends the
/// program. While a worker is started, no signal is blocked, because the worker inherits the signal mask.
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

    private static func unblockSignals() {
        var pipe = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe _ = sigaddset(&pipe, SIGPIPE)
        // A SIGPIPE that a write has left pending would end the program now.
        var none = timespec()
        while unsafe sigtimedwait(&pipe, nil, &none) == SIGPIPE {}
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe _ = pthread_sigmask(SIG_SETMASK, &set, nil)
    }

    var realTime: Int { kernel.realTime }

    func start(
        _ words: [String],
        in surroundings: WorkerSurroundings,
        showsBacktrace: Bool
    ) throws -> any WorkerLink {
        Self.unblockSignals()
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
