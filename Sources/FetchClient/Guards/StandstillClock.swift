// SPDX-License-Identifier: MIT
// fetchpool

/// A clock that detects that the client's loop stood still, for example because the process was stopped, got
/// no CPU time, or was blocked by a full pipe.
///
/// The type reads no clock itself; times are in milliseconds of a monotonic clock. No transfer progresses
/// during a standstill, so the client extends the time-outs by its length.
struct StandstillClock: Sendable {
    /// The shortest delay that counts as a standstill, in milliseconds; shorter delays occur in a busy loop.
    private static let least = 1_000
    /// The latest time at which the loop should be back; `nil` if there is none.
    private var due: Int?

    /// Notes that the loop now does other work or sleeps, for at most `timeout` milliseconds; -1 means no
    /// limit.
    mutating func leave(now: Int, for timeout: Int32 = 0) {
        due = timeout < 0 ? nil : now + Int(timeout)
    }

    /// Returns the delay of the loop in milliseconds; 0 for less than a second, or if no limit was set by
    /// `leave`.
    func gap(now: Int) -> Int {
        guard let due, now - due >= Self.least else { return 0 }
        return now - due
    }
}
