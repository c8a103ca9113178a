// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import Synchronization

/// Handlers for SIGINT, SIGTERM and SIGHUP that let the program write cookies before it ends.
///
/// A second signal of the same kind ends the process immediately. But the second signal is ignored if it
/// comes within 50 ms of the first, and no signal of another kind comes between them. timeout(1) sends its
/// signal twice: to its child process, and to the process group of the child process.
enum EndSignals {
    private static let received = Atomic<Int32>(0)
    /// The signals that have come, each as a bit.
    private static let kinds = Atomic<UInt64>(0)
    /// The time at which the signal in `received` came, in nanoseconds of `CLOCK_MONOTONIC`.
    private static let time = Atomic<Int>(0)
    /// The time after the first signal of a kind within which a second signal of this kind is ignored, in
    /// nanoseconds.
    private static let echo = 50_000_000
    private static let writeEnd = Atomic<Int32>(-1)

    /// The number of the last signal that did not repeat an earlier signal; 0 if none came.
    static var last: Int32 { received.load(ordering: .acquiring) }

    /// Installs the handlers; returns a descriptor that is readable once a signal has come.
    ///
    /// Returns −1, and installs no handler, if no pipe can be created. An ignored signal stays ignored.
    static func listen() -> Int32 {
        guard let pipe = Pipe(isNonblocking: true) else { return -1 }
        writeEnd.store(pipe.writer, ordering: .releasing)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            // The handler uses only atomics and functions that signal-safety(7) allows: clock_gettime, write,
            // signal, raise.
            let saved = errno
            defer { errno = saved }
            let (bit, now) = (UInt64(1) << UInt64(number), MonotonicClock.nanoseconds())
            if EndSignals.kinds.bitwiseOr(bit, ordering: .acquiringAndReleasing).oldValue & bit != 0 {
                // While the handler of the first signal runs in another thread, `last` may still be 0.
                let last = EndSignals.last
                if last == 0 { return }
                let time = EndSignals.time.load(ordering: .acquiring)
                if last == number, now - time < EndSignals.echo { return }
                // The signal is blocked until this handler returns.
                signal(number, SIG_DFL)
                raise(number)
                return
            }
            EndSignals.time.store(now, ordering: .releasing)
            EndSignals.received.store(number, ordering: .releasing)
            var byte: UInt8 = 1
            unsafe _ = write(EndSignals.writeEnd.load(ordering: .acquiring), &byte, 1)
        }
        action.sa_flags = SA_RESTART
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var old = sigaction()
            // SIG_IGN is the address 1 (signal.h).
            guard unsafe sigaction(number, nil, &old) == 0,
                unsafe unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) != 1
            else { continue }
            unsafe sigaction(number, &action, nil)
        }
        return pipe.reader
    }

    /// Ends the process by the signal `last`.
    static func leave() -> Never {
        signal(last, SIG_DFL)
        raise(last)
        _exit(128 + last)
    }
}
