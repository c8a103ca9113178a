// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The clock that deadlines are measured by: it stands still while the loop does.
///
/// Stopped by Ctrl-Z, suspended with the machine or starved, a coordinator reads nothing; what is counted then would be
/// held against workers that did answer. So each gap of over a second, beyond the sleep that was planned, is left out, and
/// half of that sleep with it: most often workers stood still as well. On a machine on which each sleep lasts too long the clock
/// goes on all the same.
package struct LoopClock: Sendable {
    /// What was left out, in nanoseconds.
    private var lost = 0
    private var lastSeen: Int

    /// A gap up to this belongs to a busy machine, in nanoseconds.
    private static let patience = 1_000_000_000

    /// A clock that is begun at `real` nanoseconds of a clock that never stops.
    package init(real: Int) {
        lastSeen = real
    }

    /// The time now, where the loop meant to sleep for `planned` nanoseconds at most since it was last asked.
    ///
    /// - Returns: Nanoseconds on this clock.
    package mutating func advance(to real: Int, planned: Int = 0) -> PoolTime {
        let gap = real - lastSeen - planned
        if gap > Self.patience { lost += gap + planned / 2 }
        lastSeen = real
        return PoolTime(nanoseconds: real - lost)
    }

    /// The time at `real`, where nothing says how long the loop has been away.
    package func time(at real: Int) -> PoolTime {
        PoolTime(nanoseconds: real - lost)
    }
}
