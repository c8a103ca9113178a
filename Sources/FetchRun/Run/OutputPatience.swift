// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The limit of the time for which a run waits for its outputs after a signal, an early end or a failure.
///
/// The outputs are those of the records, of the page (`--report`), of the statistics (`--stats`,
/// `--metrics`) and of the cookies (`--cookie-jar`).
///
/// All times are in milliseconds of `MonotonicClock`.
struct OutputPatience {
    /// The time at which a signal, an early end or a failure began to end the run; `nil` while nothing has
    /// begun to end the run.
    private var endingSince: Int?
    /// The number of written bytes of records at the last call of `isOver`, and the time of the last call at
    /// which this number had changed.
    ///
    /// Before the first call, the number is −1.
    private var written = (bytes: -1, at: 0)

    /// The time in which tasks in flight can finish, after the first signal or the beginning of an early end.
    ///
    /// After an early end or a failure, this is also the longest wait for an output that accepts nothing.
    static let grace: PoolTime.Milliseconds = 10_000
    /// The longest time for which records are written after a signal, even if the output accepts them.
    ///
    /// If an early end or a failure came before the signal, the time counts from that event. The time is
    /// shorter than the 15 s between SIGTERM and SIGKILL that Schedulers.md asks for. A second signal ends
    /// the writing at once.
    private static let mostAfterSignal = 13_000
    /// The time without a written byte after which the output counts as blocked, once `isGraceOver` is true.
    ///
    /// A slow reader may pause for about a second.
    private static let mostStandstill = 1_500

    /// True if a signal, an early end or a failure has begun to end the run.
    var isEnding: Bool { endingSince != nil }

    /// Notes that a signal, an early end or a failure ends the run; only the first call counts.
    mutating func beginEnding(at now: Int = MonotonicClock.milliseconds()) {
        endingSince = endingSince ?? now
    }

    /// Returns true if the run must end even while output waits to be written.
    ///
    /// `bytes` is the number of bytes of records written so far. `signals` is the number of signals.
    /// `isGraceOver` is true after a second signal, or once `grace` has passed since the first signal.
    ///
    /// After a signal, this function calls `beginEnding`, because nothing else notices a signal that comes
    /// after the last turn of the pool's loop.
    mutating func isOver(
        written bytes: Int,
        signals: Int,
        isGraceOver: Bool,
        at now: Int = MonotonicClock.milliseconds()
    ) -> Bool {
        if bytes != written.bytes { written = (bytes, now) }
        if signals > 0 || isGraceOver { beginEnding(at: now) }
        guard let endingSince else { return false }
        if isGraceOver {
            return signals > 1 || now - written.at >= Self.mostStandstill
                || now - endingSince >= Self.mostAfterSignal
        }
        return now - max(endingSince, written.at) >= Self.grace.count
    }
}
