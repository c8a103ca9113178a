// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Frontier
import Platform
import ProcessPool

/// The progress line of a run: finished tasks, the total if known, the rate, the time left, and failures.
struct ProgressLine: Sendable {
    /// The time between two updates, in milliseconds.
    static let interval: PoolTime.Milliseconds = 200

    private var lastTime: PoolTime
    private var lastDone = 0
    /// The time of the last update that counted a newly finished task, or the start of the run.
    private var lastEnd: PoolTime
    /// Weighted sums of finished tasks and elapsed seconds; older values have less weight.
    private var recent = (done: 0.0, seconds: 0.0)

    /// The time in which a weight falls to 1/e, in seconds: short enough to show a change, long enough for a
    /// steady rate.
    private static let memory = 10.0
    /// After this time without a finished task, in nanoseconds, the line shows the elapsed time instead of a
    /// rate.
    private static let standstill = 5_000_000_000

    init(start: PoolTime) {
        (lastTime, lastEnd) = (start, start)
    }

    /// The time of the next update.
    var due: PoolTime { lastTime + Self.interval }

    /// The tasks that a run waits for near its end.
    struct Waiting: Hashable, Sendable {
        /// The number of fetches in flight.
        var fetches = 0
        /// The number of responses in the processing pool.
        var processing = 0
        /// The longest time for which a worker has had one of these tasks, in nanoseconds.
        var longest = 0

        /// The text for the progress line; `nil` if no worker has had one of these tasks for a second.
        var text: String? {
            guard longest >= 1_000_000_000, fetches + processing > 0 else { return nil }
            var parts: [String] = []
            if fetches > 0 { parts.append("\(fetches) \(fetches == 1 ? "fetch" : "fetches")") }
            if processing > 0 { parts.append("\(processing) in processing") }
            return
                "waiting for \(parts.joined(separator: " and ")), the longest for \(longest / 1_000_000_000) s"
        }
    }

    /// Returns the line for the given time.
    ///
    /// `total` is `nil` while it is unknown. `waiting` describes the last tasks of a run, and `limit` the
    /// host with the most waiting tasks; only one of the two is shown.
    mutating func text(
        done: Int,
        total: Int?,
        failures: Int,
        waiting: Waiting? = nil,
        limit: HostLimit? = nil,
        at now: PoolTime
    ) -> ProgressText {
        note(done, at: now)
        var core = [total.map { "\(done) of \($0)" } ?? "\(done) done"]
        let rate = recent.done / max(recent.seconds, 0.001)
        if now - lastEnd >= Self.standstill {
            core.append("nothing for \((now - lastEnd) / 1_000_000_000) s")
        } else if done > 0 {
            core.append("\(RunSummary.short(rate))/s")
            if let total { core.append("\(Self.clock(Double(max(total - done, 0)) / rate)) left") }
        }
        core.append(failures == 0 ? "no failures" : "\(failures) failed")
        if let reason = waiting?.text { return ProgressText(core, details: [reason]) }
        return ProgressText(core, details: limit?.texts ?? [])
    }

    private mutating func note(_ done: Int, at now: PoolTime) {
        let seconds = Double(max(now - lastTime, 1)) / 1e9
        let kept = exp(-seconds / Self.memory)
        recent = (recent.done * kept + Double(done - lastDone), recent.seconds * kept + seconds)
        if done > lastDone { lastEnd = now }
        (lastTime, lastDone) = (now, done)
    }

    private static func clock(_ seconds: Double) -> String {
        guard seconds < 360_000 else {
            let days = min((seconds / 86_400).rounded(.up), 1_000)
            return days < 1_000 ? "\(Int(days)) days" : "years"
        }
        let whole = Int(seconds.rounded(.up))
        let minutes = String(format: "%02d:%02d", whole / 60 % 60, whole % 60)
        return whole >= 3_600 ? "\(whole / 3_600):\(minutes)" : minutes
    }
}
