// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The measured time per task in this pool, and the window that follows from this time.
///
/// The window is the number of tasks that a worker may hold. Beyond the tasks in progress, a window holds
/// about 10 ms of work, but at most `mostAhead` tasks. A window is large for cheap tasks, so that one `write`
/// carries many lines. For slow tasks, a sequential worker's window is one task, so that no task waits behind
/// a slow task.
struct Pace: Sendable {
    /// The intended work in a window beyond the tasks in progress, in nanoseconds.
    static let target = 10_000_000
    /// The largest number of tasks in a window beyond the tasks in progress; limits the memory of a window.
    static let mostAhead = 2_048
    /// The shortest time of a measurement if the worker stays busy, in nanoseconds.
    private static let shortestSpan = 1_000_000

    /// The duration, in nanoseconds, at which a new measurement has about as much weight as all earlier
    /// measurements.
    ///
    /// If a worker waits a few milliseconds for a core, cheap tasks still count as cheap. Two or three slow
    /// tasks change the pace.
    private static let memory = 4_000_000

    /// The weighted mean of the time that a busy worker takes for each result, in nanoseconds.
    ///
    /// The value is `nil` before the first measurement.
    private(set) var perTask: Int?
    /// The measured time in nanoseconds and the number of results in this time; older measurements count
    /// less.
    private var (time, results) = (0.0, 0.0)

    /// The running measurement of one worker.
    struct Meter: Sendable {
        /// The start of the measurement; `nil` if there is no measurement.
        var since: PoolTime?
        /// The number of results since `since`.
        var results = 0
    }

    /// Adds a worker's measurement to the pace, if the measurement has a result and is long enough.
    ///
    /// If the worker has nothing more to do (`isBusy` is false), any length is enough, and the measurement
    /// ends. If the worker is busy, a new measurement begins as soon as the old measurement is added.
    ///
    /// Call this function after all results that were read together are counted, because no time passes
    /// between these results.
    mutating func take(_ meter: inout Meter, isBusy: Bool, at now: PoolTime) {
        guard let since = meter.since else { return }
        let span = now - since
        if meter.results > 0, span >= Self.shortestSpan || !isBusy {
            let kept = Double(Self.memory) / Double(Self.memory + span)
            time = time * kept + Double(span)
            results = results * kept + Double(meter.results)
            perTask = max(Int(time / results), 1)
            meter = Meter(since: now)
        }
        if !isBusy { meter = Meter() }
    }

    /// Returns the number of tasks that a worker of this `concurrency` may hold.
    ///
    /// Before the first measurement, the number is `concurrency`.
    func window(concurrency: Int) -> Int {
        guard let perTask else { return concurrency }
        let ahead = min(Self.target / max(perTask, 1), Self.mostAhead)
        // A sequential worker with tasks of more than 5 and up to 10 ms holds the current task and the next
        // one. With slower tasks, the worker holds only the current task.
        return concurrency > 1 ? concurrency + ahead : max(1, min(ahead + 1, Self.mostAhead))
    }
}
