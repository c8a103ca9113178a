// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The clock `CLOCK_MONOTONIC` of clock_gettime(2), which stops while the machine is suspended.
///
/// A signal handler may read this clock (signal-safety(7)); `ContinuousClock` does not promise this.
package enum MonotonicClock {
    /// The time now, in nanoseconds since the clock's origin.
    package static func nanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The time now, in milliseconds since the clock's origin, rounded down.
    package static func milliseconds() -> Int { nanoseconds() / 1_000_000 }
}
