// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The limit of the time that an ending run waits for an output that accepts nothing.
///
/// The output can be that of the records, the page, the statistics or the cookies.
///
/// All times are in milliseconds of `MonotonicClock`.
struct OutputPatience {
    /// The time at which a signal, an early end or a failure began to end the run; `nil` before that.
    private var endingSince: Int?
    /// The number of written bytes at the last call of `isOver`, and the time of the last call that found a
    /// new number.
    ///
    /// Before the first call, the number is −1.
    private var written = (bytes: -1, at: 0)

    /// The time in which tasks in flight can finish, after the first signal or the beginning of an early end.
    ///
    /// After an early end or a failure, an output that accepts nothing gets the same time.
    static let grace: PoolTime.Milliseconds = 10_000
    /// The time for which records are written after a signal while the output accepts them.
    ///
    /// If an early end or a failure came before the signal, the time counts from that event. The time is
    /// shorter than the 15 s between SIGTERM and SIGKILL that Schedulers.md asks for.
    private static let mostAfterSignal = 13_000
    /// The time without a written byte after which the output counts as blocked, once `isGraceOver` is true.
    ///
    /// A write of 256 KiB to a slow reader takes about a second.
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
    /// `isGraceOver` is true after a second signal, or once the grace after the first signal is over. A
    /// signal that comes after the last turn is noted here.
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
