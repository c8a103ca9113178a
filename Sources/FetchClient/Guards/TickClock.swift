// SPDX-License-Identifier: MIT
// fetchpool

/// The time at which the next tick is due: one each interval, by default `SpeedGuard.tick`, while anything is in flight.
///
/// Pure; times are in milliseconds of a monotonic clock.
struct TickClock: Sendable {
    private let interval: Int
    private var next: Int?

    /// A clock that stands still until it is told to run; `interval` is in milliseconds.
    init(interval: Int = SpeedGuard.tick) {
        self.interval = interval
    }

    /// Runs on, or begins to run now.
    mutating func run(now: Int) {
        if next == nil { next = now + interval }
    }

    /// Stops: nothing is in flight.
    mutating func stop() { next = nil }

    /// Whether a tick is due; if so, the next one is due a tick from now, however late this one is.
    mutating func isDue(now: Int) -> Bool {
        guard let next, next <= now else { return false }
        self.next = now + interval
        return true
    }

    /// How long to wait at most, in milliseconds, where `timeout` is how long others wait; -1 is for ever.
    func bound(_ timeout: Int32, now: Int) -> Int32 {
        guard let next else { return timeout }
        let left = Int32(clamping: max(next - now, 0))
        return timeout < 0 ? left : min(timeout, left)
    }
}
