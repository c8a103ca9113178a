// SPDX-License-Identifier: MIT
// fetchpool

/// How long a task takes in this pool, measured, and how much a worker may therefore be given.
///
/// A window holds about 10 ms of work: large for cheap tasks, so that one `write` carries many lines, and one for slow
/// ones, so that no worker idles while another holds a queue.
struct Pace: Sendable {
    /// The work that a window shall hold, in nanoseconds.
    static let target = 10_000_000
    /// The most tasks ahead of those in hand; bounds the memory of a window.
    static let mostAhead = 2_048
    /// A measurement spans at least this long, so that a batch of answers read at once counts as one.
    private static let shortestSpan = 1_000_000

    /// Nanoseconds from one answer of a busy worker to its next; `nil` until one was measured.
    private(set) var perTask: Int?

    /// What one worker measures.
    struct Meter: Sendable {
        var since: PoolTime?
        var answers = 0
    }

    /// Notes an answer, or the beginning of work, of a worker.
    mutating func note(_ meter: inout Meter, answers: Int, isStillBusy: Bool, at now: PoolTime) {
        meter.answers += answers
        guard let since = meter.since else {
            meter = Meter(since: now)
            return
        }
        let span = now - since
        if meter.answers > 0, span >= Self.shortestSpan || !isStillBusy {
            let measured = max(span / meter.answers, 1)
            perTask = perTask.map { ($0 * 3 + measured) / 4 } ?? measured
            meter = Meter(since: now)
        }
        if !isStillBusy { meter = Meter() }
    }

    /// How many unanswered tasks a worker of this `concurrency` may hold.
    func window(concurrency: Int) -> Int {
        guard let perTask else { return concurrency }
        let ahead = min(Self.target / max(perTask, 1), Self.mostAhead)
        // A task near 10 ms gets one in hand and one ahead; a slower one is alone.
        return concurrency > 1 ? concurrency + ahead : max(1, min(ahead + 1, Self.mostAhead))
    }
}
