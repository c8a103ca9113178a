// SPDX-License-Identifier: MIT
// fetchpool

/// A clock that detects that the client's loop stood still, for example because the process was stopped.
///
/// Times are in milliseconds of a monotonic clock. No transfer progresses during a standstill, so the client
/// extends the time-outs.
struct StandstillClock: Sendable {
    /// The shortest delay that counts as a standstill, in milliseconds.
    ///
    /// A loop with much work can have shorter delays.
    private static let least = 1_000
    /// The latest time at which the loop should run again; `nil` if there is no limit.
    private var due: Int?

    /// Notes that the loop now sleeps or does other work.
    ///
    /// The loop sleeps for at most `timeout` milliseconds, or without limit if `timeout` is -1. Other work is
    /// expected to take no time, so `timeout` is then 0.
    mutating func leave(now: Int, for timeout: Int32 = 0) {
        due = timeout < 0 ? nil : now + Int(timeout)
    }

    /// Returns the length of a standstill in milliseconds; 0 if there was none.
    func gap(now: Int) -> Int {
        guard let due, now - due >= Self.least else { return 0 }
        return now - due
    }
}
