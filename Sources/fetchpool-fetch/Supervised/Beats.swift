// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A beat each second, while the loop turns.
struct Beats {
    /// One second (the worker protocol).
    private static let interval = 1_000

    private var next = MonotonicClock.milliseconds() + interval

    /// Whether a beat is due now; if so, the next one is due an interval later.
    var isDue: Bool {
        mutating get {
            let now = MonotonicClock.milliseconds()
            guard now >= next else { return false }
            next = now + Self.interval
            return true
        }
    }

    /// How long until the next beat, in milliseconds.
    var millisecondsLeft: Int32 { Int32(clamping: max(next - MonotonicClock.milliseconds(), 0)) }
}
