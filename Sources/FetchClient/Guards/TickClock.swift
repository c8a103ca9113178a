// SPDX-License-Identifier: MIT
// fetchpool

/// A clock that ticks once per interval while it runs.
///
/// Times are in milliseconds of a monotonic clock.
struct TickClock: Sendable {
    private let interval: Int
    private var next: Int?

    /// Creates a stopped clock; `interval` is in milliseconds, one second by default.
    init(interval: Int = SpeedGuard.tick) {
        self.interval = interval
    }

    /// Starts the clock unless it is running.
    mutating func run(now: Int) {
        if next == nil { next = now + interval }
    }

    /// Stops the clock.
    mutating func stop() { next = nil }

    /// Returns true if a tick is due.
    ///
    /// The next tick is due one interval from now, even if this tick is late.
    mutating func isDue(now: Int) -> Bool {
        guard let next, next <= now else { return false }
        self.next = now + interval
        return true
    }

    /// Returns the shorter of `timeout` and the time until the next tick, in milliseconds.
    ///
    /// A `timeout` of -1 means no limit. The result is `timeout` if the clock is stopped.
    func bound(_ timeout: Int32, now: Int) -> Int32 {
        guard let next else { return timeout }
        let left = Int32(clamping: max(next - now, 0))
        return timeout < 0 ? left : min(timeout, left)
    }
}
