// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Synchronization

/// Notes SIGINT, SIGTERM and SIGHUP, and wakes the pool thread for them.
///
/// Handlers are installed with sigaction(2); no thread blocks the signals, since children inherit the mask.
package enum SignalWatch {
    private static let received = Atomic<Int>(0)
    private static let first = Atomic<Int32>(0)
    private static let wakeDescriptor = Atomic<Int32>(-1)

    /// What has come so far.
    package static var signals: Signals {
        Signals(count: received.load(ordering: .acquiring), first: first.load(ordering: .acquiring))
    }

    /// Signals that have come.
    package struct Signals: Hashable, Sendable {
        /// How many.
        package var count: Int
        /// The number of the first one; 0 if none has come.
        package var first: Int32

        /// Describes what has come.
        package init(count: Int, first: Int32) {
            (self.count, self.first) = (count, first)
        }
    }

    /// Begins to listen, and ignores SIGPIPE so that a write to a dead worker is an error and not the end.
    ///
    /// The third signal ends the process on the spot. `wake` must live as long as the process.
    package static func begin(waking wake: WakePipe) {
        wakeDescriptor.store(wake.writeEnd, ordering: .releasing)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            // Only what signal-safety(7) allows: atomics, write, _exit.
            let saved = errno
            _ = SignalWatch.first.compareExchange(
                expected: 0,
                desired: number,
                ordering: .acquiringAndReleasing
            )
            if SignalWatch.received.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue >= 3 {
                // The first one says how the run ended, however it did.
                _exit(128 + SignalWatch.first.load(ordering: .acquiring))
            }
            var byte: UInt8 = 1
            unsafe _ = write(SignalWatch.wakeDescriptor.load(ordering: .acquiring), &byte, 1)
            errno = saved
        }
        action.sa_flags = SA_RESTART
        unsafe sigemptyset(&action.sa_mask)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            unsafe sigaction(number, &action, nil)
        }
        signal(SIGPIPE, SIG_IGN)
    }
}
