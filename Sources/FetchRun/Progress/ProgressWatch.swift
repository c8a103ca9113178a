// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A watch over the recent progress of a run.
///
/// It computes the rates, the time left, and the most frequent limit of the run (`LimitWatch`).
struct ProgressWatch: Sendable {
    private var rates: RateWindow
    private var left: TimeLeft
    private var limits = LimitWatch()
    private let start: PoolTime
    private var lastTime: PoolTime
    private var lastDone = 0
    /// The time at which a task was last noticed to have finished; before that, the start of the run.
    private var lastEnd: PoolTime

    /// The time from one call of `note` until the next call is due.
    static let interval: PoolTime.Milliseconds = 200

    init(start: PoolTime) {
        (rates, left) = (RateWindow(start: start), TimeLeft(start: start))
        (self.start, lastTime, lastEnd) = (start, start, start)
    }

    /// The time at which the next call of `note` is due.
    var due: PoolTime { lastTime + Self.interval }

    /// Notes the numbers of finished tasks and of bytes; call this function after each turn of the pool's
    /// loop.
    ///
    /// Without a display and without a log of the progress, `note` is called only when the user asks for the
    /// progress, so only this function notes when tasks finish.
    mutating func noteTurn(done: Int, bytes: Int, at now: PoolTime) {
        if done > lastDone { (lastDone, lastEnd) = (done, now) }
        rates.note(done: done, bytes: bytes, at: now)
    }

    /// Returns `counted` with the rates, the times and the most frequent limit.
    mutating func note(_ counted: RunProgress, at now: PoolTime) -> RunProgress {
        var progress = counted
        noteTurn(done: progress.done, bytes: progress.bytes, at: now)
        lastTime = now
        limits.note(counted.limit, at: now)
        progress.limit = limits.limit
        (progress.rate, progress.bytesPerSecond) = (rates.rates?.tasks, rates.rates?.bytes)
        (progress.idle, progress.elapsed) = (now - lastEnd, now - start)
        if let remaining = Self.remaining(of: progress) {
            progress.secondsLeft = left.update(remaining: remaining, rate: progress.rate ?? 0, at: now)
        }
        return progress
    }

    /// Returns the exact or estimated number of tasks that have not finished; `nil` if it is unknown.
    private static func remaining(of progress: RunProgress) -> Double? {
        switch progress.extent {
        case .unknown: nil
        case .total(let total): Double(max(total - progress.done, 0))
        case .share(let share):
            share > 0 && progress.done > 0
                ? Double(progress.done + progress.passed) * (1 / share - 1) : nil
        }
    }
}
