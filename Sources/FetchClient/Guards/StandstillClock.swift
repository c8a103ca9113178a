// SPDX-License-Identifier: MIT
// fetchpool

/// Notices that the process stood still: it was stopped, starved, or held up by a full pipe.
///
/// Pure; times are in milliseconds of a monotonic clock. What a transfer could not do meanwhile is not its own fault, so
/// its time-outs move by that gap.
struct StandstillClock: Sendable {
    /// Shorter gaps are what a busy turn of the loop takes.
    private static let least = 1_000
    /// When the loop was to be back at the latest; nil if it has all the time in the world.
    private var due: Int?

    /// Notes that the loop goes on with other things, or sleeps, for at most `timeout` milliseconds; -1 is for ever.
    mutating func leave(now: Int, for timeout: Int32 = 0) {
        due = timeout < 0 ? nil : now + Int(timeout)
    }

    /// Notes that the loop is back; answers for how long it stood still, in milliseconds: 0 for less than a second.
    func gap(now: Int) -> Int {
        guard let due, now - due >= Self.least else { return 0 }
        return now - due
    }
}
