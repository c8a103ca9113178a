// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// `CLOCK_MONOTONIC` of clock_gettime(2): it only goes forward, and stands still while the machine is suspended.
///
/// Safe in a signal handler (signal-safety(7)), which `ContinuousClock` does not promise.
package enum MonotonicClock {
    /// The time now, in nanoseconds.
    package static func nanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The time now, in milliseconds, rounded down.
    package static func milliseconds() -> Int { nanoseconds() / 1_000_000 }
}
