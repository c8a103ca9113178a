// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
package import Platform
import Synchronization

/// A watch for SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGCONT; all but SIGCONT also wake the pool thread.
///
/// If one of the four signals that wake the pool thread was ignored at the start, it stays ignored. nohup(1)
/// ignores SIGHUP in this way, and some shells ignore SIGINT for background jobs.
package enum SignalWatch {
    private static let received = Atomic<Int>(0)
    private static let first = Atomic<Int32>(0)
    /// The time of the first signal, in nanoseconds of `CLOCK_MONOTONIC`.
    private static let firstTime = Atomic<Int>(0)
    /// The time after the first signal within which the same signal does not count again, in nanoseconds.
    ///
    /// timeout(1) signals its child process, and then its process group, which contains the child process.
    private static let echo = 50_000_000
    /// True if SIGUSR1 has come since the last call of `takeStatusRequest()`.
    private static let isAsked = Atomic(false)
    private static let resumed = Atomic<Int>(0)
    private static let hasDrawn = Atomic(false)
    private static let wakeDescriptor = Atomic<Int32>(-1)
    /// The pipe of `wakeDescriptor`, kept because a signal can come after the run that made the pipe.
    private static let wakePipe = Mutex<WakePipe?>(nil)
    /// The time that running work may take after the first signal, in nanoseconds.
    private static let patience = 10_000_000_000

    /// The SIGINT, SIGTERM and SIGHUP that have come so far, without repetitions of the first signal within
    /// 50 ms.
    package static var signals: Signals {
        Signals(count: received.load(ordering: .acquiring), first: first.load(ordering: .acquiring))
    }

    /// True once two of `signals` have come, or 10 s after the first one.
    package static var isPatienceOver: Bool {
        switch received.load(ordering: .acquiring) {
        case 0: false
        case 1: MonotonicClock.nanoseconds() - firstTime.load(ordering: .acquiring) >= patience
        default: true
        }
    }

    /// Returns true if SIGUSR1 has come since the last call.
    package static func takeStatusRequest() -> Bool {
        guard isAsked.load(ordering: .relaxed) else { return false }
        return isAsked.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// The number of SIGCONT that have come; a stopped process gets SIGCONT when it is continued.
    package static var continuations: Int { resumed.load(ordering: .acquiring) }

    /// Notes whether a display is drawn on the terminal.
    ///
    /// While a display is drawn, the third of `signals` moves the cursor below the display before the process
    /// ends.
    package static func clearsScreen(_ isDrawn: Bool) { hasDrawn.store(isDrawn, ordering: .releasing) }

    /// The SIGINT, SIGTERM and SIGHUP that have come so far, as a snapshot.
    package struct Signals: Hashable, Sendable {
        /// The number of signals.
        package var count: Int
        /// The number of the first signal; 0 if no signal has come.
        package var first: Int32

        /// Creates a description of the signals.
        package init(count: Int, first: Int32) {
            (self.count, self.first) = (count, first)
        }
    }

    /// Blocks SIGUSR1 in the calling thread until `begin(waking:)`, because the default action of SIGUSR1
    /// ends the process.
    ///
    /// Call this function before other threads are created.
    package static func deferProgressSignal() {
        var held = sigset_t()
        unsafe sigemptyset(&held)
        unsafe sigaddset(&held, SIGUSR1)
        unsafe _ = pthread_sigmask(SIG_BLOCK, &held, nil)
    }

    /// Installs the signal handlers.
    ///
    /// Call this function before other threads are created. SIGINT, SIGTERM, SIGHUP and SIGUSR1 are
    /// unblocked, for this process and for its children, which inherit the mask. SIGCHLD is unblocked, and is
    /// no longer ignored (`ChildSignal`). The third SIGINT, SIGTERM or SIGHUP ends the process immediately.
    /// `wake` is kept until the next call.
    ///
    /// After this call, a write to a dead worker and a write beyond a file's size limit return an error.
    /// Without this call, SIGPIPE or SIGXFSZ would end the process.
    package static func begin(waking wake: WakePipe) {
        wakeDescriptor.store(wake.writeEnd, ordering: .releasing)
        wakePipe.withLock { $0 = wake }
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            // The handler uses only atomics and functions that signal-safety(7) allows: clock_gettime, write,
            // _exit.
            let saved = errno
            let isFirst = SignalWatch.first.compareExchange(
                expected: 0,
                desired: number,
                ordering: .acquiringAndReleasing
            ).exchanged
            if isFirst {
                SignalWatch.firstTime.store(MonotonicClock.nanoseconds(), ordering: .releasing)
            } else if SignalWatch.isEcho(number) {
                errno = saved
                return
            }
            if SignalWatch.received.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue >= 3 {
                if SignalWatch.hasDrawn.load(ordering: .acquiring) {
                    var newline = UInt8(ascii: "\n")
                    unsafe _ = write(STDERR_FILENO, &newline, 1)
                }
                // The first signal determines the exit status of the run.
                _exit(128 + SignalWatch.first.load(ordering: .acquiring))
            }
            var byte: UInt8 = 1
            unsafe _ = write(SignalWatch.wakeDescriptor.load(ordering: .acquiring), &byte, 1)
            errno = saved
        }
        action.sa_flags = SA_RESTART
        unsafe sigemptyset(&action.sa_mask)
        let watched = [SIGINT, SIGTERM, SIGHUP]
        for number in watched where !isIgnored(number) {
            unsafe sigaction(number, &action, nil)
        }
        unsafe action.__sigaction_handler.sa_handler = { _ in
            let saved = errno
            SignalWatch.isAsked.store(true, ordering: .releasing)
            var byte: UInt8 = 1
            unsafe _ = write(SignalWatch.wakeDescriptor.load(ordering: .acquiring), &byte, 1)
            errno = saved
        }
        if !isIgnored(SIGUSR1) { unsafe sigaction(SIGUSR1, &action, nil) }
        unsafe action.__sigaction_handler.sa_handler = { _ in
            SignalWatch.resumed.wrappingAdd(1, ordering: .acquiringAndReleasing)
        }
        unsafe sigaction(SIGCONT, &action, nil)
        ChildSignal.keepStatus()
        var unblocked = sigset_t()
        unsafe sigemptyset(&unblocked)
        for number in watched + [SIGUSR1, SIGCHLD] { unsafe _ = sigaddset(&unblocked, number) }
        unsafe _ = pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
        signal(SIGPIPE, SIG_IGN)
        surviveFileSizeLimit()
    }

    /// Makes a write beyond a file's size limit (`ulimit -f`) return EFBIG, instead of ending the process.
    package static func surviveFileSizeLimit() {
        // The handler is empty. Children would inherit SIG_IGN, but exec(3) resets a signal with a handler.
        if !isIgnored(SIGXFSZ) { signal(SIGXFSZ) { _ in } }
    }

    /// Returns true if a signal that is not the first is a repetition of the first (`echo`).
    private static func isEcho(_ number: Int32) -> Bool {
        guard number == first.load(ordering: .acquiring) else { return false }
        // While the handler of the first signal runs in another thread, the time may still be 0.
        let time = firstTime.load(ordering: .acquiring)
        return time == 0 || MonotonicClock.nanoseconds() - time < echo
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return unsafe sigaction(number, nil, &action) == 0 && isIgnored(action)
    }

    /// Returns `true` if an action ignores its signal.
    static func isIgnored(_ action: sigaction) -> Bool {
        // SIG_IGN is the address 1 (signal.h).
        unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
