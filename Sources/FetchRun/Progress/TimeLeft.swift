// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// An estimate of the time that a run still takes, smoothed so that the shown time does not jump.
///
/// While the rate is above 0, the estimate decreases with the clock. It also moves towards the number of
/// remaining tasks divided by the rate. While the rate is 0, the estimate does not change. Once no task
/// remains, the estimate is 0.
struct TimeLeft: Sendable {
    private var lastTime: PoolTime
    /// The latest estimate of the time left, in seconds; `nil` before the first estimate.
    private var seconds: Double?

    /// The constants of the smoothing.
    ///
    /// In a time T, the error of an estimate that is too short falls to 1/e of its size, unless `mostGrowth`
    /// limits the growth. The error of an estimate that is too long falls faster. T is `memory` multiplied by
    /// the shorter of two durations: the time left and the time since the start. T is at least `shortest` and
    /// at most `longest`, in seconds.
    private static let (memory, shortest, longest) = (0.25, 2.0, 30.0)
    /// The shortest time from the start of a run to the first estimate, in nanoseconds.
    private static let patience = 2_000_000_000
    /// The lower limit of `expected`, a variable in `update`, in seconds.
    private static let shortestEstimate = 0.1
    /// The fraction of `expected`, a variable in `update`, that limits the growth of the estimate.
    ///
    /// The estimate grows towards a time that exceeds `expected` by at most this fraction.
    private static let mostGrowth = 0.6
    /// The seconds by which the estimate may grow in each second, even if `mostGrowth` allows less.
    private static let growthPerSecond = 5.0
    private let start: PoolTime

    init(start: PoolTime) {
        (self.start, lastTime) = (start, start)
    }

    /// Returns the time left in seconds, which is 0 if no task remains; `nil` before the first estimate.
    ///
    /// While tasks remain, the first estimate comes only if the rate is above 0, and `patience` has passed
    /// since the start of the run.
    ///
    /// `remaining` is the number of tasks that have not finished, and `rate` is the recent rate in tasks per
    /// second.
    mutating func update(remaining: Double, rate: Double, at now: PoolTime) -> Double? {
        let elapsed = Double(now - lastTime) / 1e9
        lastTime = now
        guard remaining > 0 else {
            seconds = 0
            return 0
        }
        guard rate > 0 else { return seconds }
        let fresh = remaining / rate
        guard let last = seconds else {
            // The first rates are too low, because workers and connections are still starting.
            guard now - start >= Self.patience else { return nil }
            seconds = fresh
            return fresh
        }
        let expected = max(last - elapsed, Self.shortestEstimate)
        let known = Double(now - start) / 1e9 * Self.memory
        let memory = max(min(min(expected, fresh) * Self.memory, known, Self.longest), Self.shortest)
        let most = expected + max(Self.mostGrowth * expected, Self.growthPerSecond * memory)
        // A rate near 0 gives a time that is far too long. So the estimate grows slowly, and falls fast.
        let smooth =
            fresh > expected
            ? expected + (min(fresh, most) - expected) * (1 - exp(-elapsed / memory))
            : 1 / (1 / fresh + (1 / expected - 1 / fresh) * exp(-2 * elapsed / memory))
        seconds = smooth
        return smooth
    }

    /// Returns a time left as text, in steps that grow with the time: `45s`, `4m30s`, `25m`, `2h10m`,
    /// `3 days`, and `over 100 days` from 100 days on.
    static func words(_ seconds: Double) -> String {
        guard seconds < 8_640_000 else { return "over 100 days" }
        if seconds >= 172_800 { return "\(Int((seconds / 86_400).rounded())) days" }
        if seconds >= 3_570 { return hours(Int((seconds / 300).rounded()) * 5) }
        if seconds > 595 { return "\(Int((seconds / 60).rounded()))m" }
        let step = seconds > 120 ? 10 : seconds > 30 ? 5 : 1
        let whole = Int((seconds / Double(step)).rounded(.up)) * step
        guard whole >= 60 else { return "\(whole)s" }
        return "\(whole / 60)m" + (whole % 60 < 10 ? "0" : "") + "\(whole % 60)s"
    }

    private static func hours(_ minutes: Int) -> String {
        "\(minutes / 60)h" + (minutes % 60 < 10 ? "0" : "") + "\(minutes % 60)m"
    }
}
