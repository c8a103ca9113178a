// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The clock for deadlines; it does not count long times in which `PoolLoop` does not run.
///
/// A coordinator reads nothing while it is stopped (Ctrl-Z), while it gets no core, and while the machine is
/// suspended. These times must not count against workers. If the time since the last `advance` exceeds the
/// planned sleep by more than a second, the excess does not count.
///
/// Half of the planned sleep then does not count either, because the workers were probably stopped for a part
/// of this sleep. The other half counts, so that the clock goes on even if every sleep lasts too long.
package struct LoopClock: Sendable {
    /// The sum of the times that do not count, in nanoseconds.
    private var lost = 0
    private var lastSeen: Int

    /// The longest excess that counts, in nanoseconds; a busy machine can cause this excess.
    private static let patience = 1_000_000_000

    /// The value of `planned` for a sleep without a time limit.
    ///
    /// Nothing is due at the end of such a sleep. So the whole sleep counts, also in the measured duration of
    /// a task that a worker has during the sleep.
    package static let noLimit = Int.max / 2

    /// Creates a clock; `real` is the time of a clock that never stops, in nanoseconds.
    package init(real: Int) {
        lastSeen = real
    }

    /// Moves the clock forward to the real time `real`.
    ///
    /// `planned` is the time limit of the sleep since the last call, in nanoseconds: 0 if there was no sleep,
    /// and `noLimit` if the sleep had no limit.
    ///
    /// - Returns: The time on this clock.
    package mutating func advance(to real: Int, planned: Int = 0) -> PoolTime {
        let gap = real - lastSeen - planned
        if gap > Self.patience { lost += gap + planned / 2 }
        lastSeen = real
        return PoolTime(nanoseconds: real - lost)
    }

    /// Returns the time of this clock at `real`, without a check for an excess.
    package func time(at real: Int) -> PoolTime {
        PoolTime(nanoseconds: real - lost)
    }
}
