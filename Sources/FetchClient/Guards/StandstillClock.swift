// SPDX-License-Identifier: MIT
// fetchpool

/// A clock that detects when the process stood still: stopped, starved of CPU time, or blocked by a full
/// pipe.
///
/// Pure; times are in milliseconds of a monotonic clock. A transfer cannot progress in this time, so its
/// time-outs are extended by the gap.
struct StandstillClock: Sendable {
    /// The shortest gap that counts, in milliseconds; shorter gaps occur in a busy loop.
    private static let least = 1_000
    /// The latest time at which the loop should be back; nil if there is none.
    private var due: Int?

    /// Notes that the loop does other work or sleeps, for at most `timeout` milliseconds; -1 means without
    /// limit.
    mutating func leave(now: Int, for timeout: Int32 = 0) {
        due = timeout < 0 ? nil : now + Int(timeout)
    }

    /// Returns the length of the standstill in milliseconds when the loop is back; 0 if below a second.
    func gap(now: Int) -> Int {
        guard let due, now - due >= Self.least else { return 0 }
        return now - due
    }
}
