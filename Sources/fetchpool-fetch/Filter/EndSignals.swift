// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import Synchronization

/// Handlers for SIGINT, SIGTERM and SIGHUP that let the program write cookies before it ends.
///
/// A second signal of the same kind ends the process immediately.
enum EndSignals {
    private static let received = Atomic<Int32>(0)
    private static let writeEnd = Atomic<Int32>(-1)

    /// The number of the signal that came last; 0 if none came.
    static var last: Int32 { received.load(ordering: .acquiring) }

    /// Installs the handlers; returns a descriptor that is readable once a signal has come.
    ///
    /// Returns −1, and installs no handler, if no pipe can be created. An ignored signal stays ignored.
    static func listen() -> Int32 {
        guard let pipe = Pipe(isNonblocking: true) else { return -1 }
        writeEnd.store(pipe.writer, ordering: .releasing)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            // The handler uses only atomics and write(2), which signal-safety(7) allows.
            let saved = errno
            EndSignals.received.store(number, ordering: .releasing)
            var byte: UInt8 = 1
            unsafe _ = write(EndSignals.writeEnd.load(ordering: .acquiring), &byte, 1)
            errno = saved
        }
        action.sa_flags = Int32(SA_RESTART) | Int32(bitPattern: UInt32(SA_RESETHAND))
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

    /// Ends the process by the signal that came last.
    static func leave() -> Never {
        signal(last, SIG_DFL)
        raise(last)
        _exit(128 + last)
    }
}
