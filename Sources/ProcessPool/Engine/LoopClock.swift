// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The clock for deadlines; it stops while the loop does not run.
///
/// A coordinator that is stopped by Ctrl-Z, suspended with the machine or starved of time reads nothing. Such
/// a time must not count against workers that did respond. So a gap of over a second beyond the planned sleep
/// does not count. Half of the planned sleep then does not count either, because the workers were probably
/// stopped as well. The other half counts, so the clock also goes on if every sleep lasts too long.
package struct LoopClock: Sendable {
    /// The sum of the gaps that do not count, in nanoseconds.
    private var lost = 0
    private var lastSeen: Int

    /// The longest gap that a busy machine explains, in nanoseconds.
    private static let patience = 1_000_000_000

    /// Creates a clock at `real` nanoseconds of a clock that never stops.
    package init(real: Int) {
        lastSeen = real
    }

    /// Moves the clock forward; `planned` is the longest sleep in nanoseconds that the loop planned since the
    /// last call.
    ///
    /// - Returns: The time on this clock.
    package mutating func advance(to real: Int, planned: Int = 0) -> PoolTime {
        let gap = real - lastSeen - planned
        if gap > Self.patience { lost += gap + planned / 2 }
        lastSeen = real
        return PoolTime(nanoseconds: real - lost)
    }

    /// Returns the time at `real`, without a check for a gap.
    package func time(at real: Int) -> PoolTime {
        PoolTime(nanoseconds: real - lost)
    }
}
