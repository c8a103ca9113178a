// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A beat each second, while the loop turns.
struct Beats {
    /// One second (the worker protocol).
    private static let interval = 1_000

    private var next = now() + interval

    /// Whether a beat is due now; if so, the next one is due an interval later.
    var isDue: Bool {
        mutating get {
            let now = Self.now()
            guard now >= next else { return false }
            next = now + Self.interval
            return true
        }
    }

    /// How long until the next beat, in milliseconds.
    var millisecondsLeft: Int32 { Int32(clamping: max(next - Self.now(), 0)) }

    /// The monotonic clock in milliseconds.
    static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
