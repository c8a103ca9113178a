// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import ProcessPool

/// The line that rewrites itself: done, total if known, rate, time left, failures.
struct ProgressLine: Sendable {
    /// Between two looks, in milliseconds.
    static let interval: PoolTime.Milliseconds = 200

    private let start: PoolTime
    private var lastTime: PoolTime
    private var lastDone = 0
    private var rate: Double?

    init(start: PoolTime) {
        (self.start, lastTime) = (start, start)
    }

    /// When the line is due again.
    var due: PoolTime { lastTime + Self.interval }

    /// What a run that nears its end waits for.
    struct Waiting: Hashable, Sendable {
        /// Fetches in flight.
        var fetches = 0
        /// Responses in the hands of processing workers.
        var processing = 0
        /// For how long the one that lasts longest has lasted, in nanoseconds.
        var longest = 0

        /// Nothing while all goes fast.
        var text: String? {
            guard longest >= 1_000_000_000, fetches + processing > 0 else { return nil }
            var parts: [String] = []
            if fetches > 0 { parts.append("\(fetches) \(fetches == 1 ? "fetch" : "fetches")") }
            if processing > 0 { parts.append("\(processing) in processing") }
            return
                "waiting for \(parts.joined(separator: " and ")), the longest for \(longest / 1_000_000_000) s"
        }
    }

    /// The line for this moment.
    ///
    /// `total` is `nil` while it is not known; `limit` is the host that holds up the run.
    mutating func text(
        done: Int,
        total: Int?,
        failures: Int,
        waiting: Waiting? = nil,
        limit: HostLimit? = nil,
        at now: PoolTime
    ) -> String {
        let span = Double(max(now - lastTime, 1)) / 1e9
        let measured = Double(done - lastDone) / span
        // Smoothed over about two seconds, so that the figure can be read.
        rate = rate.map { $0 * 0.9 + measured * 0.1 } ?? measured
        (lastTime, lastDone) = (now, done)
        let mean = Double(done) / max(Double(now - start) / 1e9, 0.001)
        let shown = now - start < 2_000_000_000 ? mean : rate ?? mean
        var text = total.map { "\(done) of \($0)" } ?? "\(done) done"
        text += " · \(RunSummary.short(shown))/s"
        if let total, shown > 0, done > 0 {
            text += " · \(Self.clock(Double(max(total - done, 0)) / shown)) left"
        }
        text += failures == 0 ? " · no failures" : " · \(failures) failed"
        if let limit { text += " · " + limit.text }
        if let reason = waiting?.text { text += " · " + reason }
        return text
    }

    private static func clock(_ seconds: Double) -> String {
        guard seconds < 360_000 else { return "days" }
        let whole = Int(seconds.rounded(.up))
        let minutes = String(format: "%02d:%02d", whole / 60 % 60, whole % 60)
        return whole >= 3_600 ? "\(whole / 3_600):\(minutes)" : minutes
    }
}
