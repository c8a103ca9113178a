// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// How long a task takes in this pool, measured, and how much a worker may therefore be given.
///
/// A window holds about 10 ms of work: large for cheap tasks, so that one `write` carries many lines, and one for slow
/// ones, so that no worker idles while another holds a queue.
struct Pace: Sendable {
    /// The work that a window shall hold, in nanoseconds.
    static let target = 10_000_000
    /// The most tasks ahead of those in hand; bounds the memory of a window.
    static let mostAhead = 2_048
    /// A measurement of a worker that stays busy spans at least this long, in nanoseconds.
    private static let shortestSpan = 1_000_000

    /// What is measured outweighs what was, once it lasts longer than this, in nanoseconds.
    ///
    /// A worker that waits a few milliseconds for a core does not make cheap tasks dear; two or three slow ones do.
    private static let memory = 4_000_000

    /// Nanoseconds from one answer of a busy worker to its next; `nil` until one was measured.
    private(set) var perTask: Int?
    /// The time that was measured, in nanoseconds, and the answers that came in it, both fading.
    private var (time, answers) = (0.0, 0.0)

    /// What one worker measures.
    struct Meter: Sendable {
        /// When the measurement began; `nil` while the worker has nothing to do.
        var since: PoolTime?
        /// Answers since then.
        var answers = 0
    }

    /// Measures once everything that was read together is counted: between such answers there is no time.
    mutating func take(_ meter: inout Meter, isBusy: Bool, at now: PoolTime) {
        guard let since = meter.since else { return }
        let span = now - since
        if meter.answers > 0, span >= Self.shortestSpan || !isBusy {
            let kept = Double(Self.memory) / Double(Self.memory + span)
            time = time * kept + Double(span)
            answers = answers * kept + Double(meter.answers)
            perTask = max(Int(time / answers), 1)
            meter = Meter(since: now)
        }
        if !isBusy { meter = Meter() }
    }

    /// How many unanswered tasks a worker of this `concurrency` may hold.
    func window(concurrency: Int) -> Int {
        guard let perTask else { return concurrency }
        let ahead = min(Self.target / max(perTask, 1), Self.mostAhead)
        // A task near 10 ms gets one in hand and one ahead; a slower one is alone.
        return concurrency > 1 ? concurrency + ahead : max(1, min(ahead + 1, Self.mostAhead))
    }
}
