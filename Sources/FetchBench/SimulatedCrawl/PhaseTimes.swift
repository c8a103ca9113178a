// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform

/// The time that the frontier takes in each phase of a task.
///
/// A clock is read before and after a batch of calls, and the cost of the clock is subtracted. During a long
/// batch, another process may have had the core. So a long batch counts no more than the processor time of
/// this thread since the turn (`SimulatedCrawl.turn`) began.
struct PhaseTimes {
    /// A phase of a task.
    enum Phase: Int, CaseIterable {
        /// The search for timers that have run out.
        case timers
        /// The end of fetches.
        case finish
        /// The removal of the tasks of a host that is given up.
        case giveUp
        /// The search for the next task among the waiting tasks.
        case next
        /// The submission of a task that was read: the task begins, waits or is refused.
        case submit

        /// The name of the phase, with the main functions of the frontier in this phase.
        var title: String {
            switch self {
            case .timers: "timers (advance)"
            case .finish: "finish (end)"
            case .giveUp: "give up (withdrawAll)"
            case .next: "next (popNext)"
            case .submit: "submit (popNext, host, pass, add)"
            }
        }
    }

    /// The sums of one phase.
    struct Sum {
        /// The time of all batches, in nanoseconds.
        var nanoseconds = 0
        var calls = 0
        /// The time of the longest batch in nanoseconds, and the number of its calls.
        var longest = (nanoseconds: 0, calls: 0)
    }

    private(set) var sums = [Sum](repeating: Sum(), count: Phase.allCases.count)
    private let clockCost = PhaseTimes.costOfClock()
    private var turnBegan = 0

    /// A batch of at least this many nanoseconds is compared with the processor time.
    private static let suspicious = 50_000

    /// Notes that a turn begins.
    mutating func beginTurn() { turnBegan = Self.processorTime() }

    /// Returns the time at which a batch begins, in nanoseconds of the monotonic clock.
    func begin() -> Int { MonotonicClock.nanoseconds() }

    /// Adds a batch of `calls` calls that began at `start` and ends now; does nothing if `calls` is 0.
    mutating func end(_ phase: Phase, from start: Int, calls: Int) {
        guard calls > 0 else { return }
        var time = max(0, MonotonicClock.nanoseconds() - start - clockCost)
        if time >= Self.suspicious { time = min(time, Self.processorTime() - turnBegan) }
        sums[phase.rawValue].nanoseconds += time
        sums[phase.rawValue].calls += calls
        if time > sums[phase.rawValue].longest.nanoseconds { sums[phase.rawValue].longest = (time, calls) }
    }

    /// Returns the sums of a phase.
    func sum(_ phase: Phase) -> Sum { sums[phase.rawValue] }

    /// The time in all phases, in nanoseconds.
    var nanoseconds: Int { sums.reduce(0) { $0 + $1.nanoseconds } }

    /// Returns the processor time of this thread, in nanoseconds.
    static func processorTime() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Returns the median time between two successive readings of the clock, in nanoseconds.
    private static func costOfClock() -> Int {
        let costs = (0..<1_001).map { _ in
            let start = MonotonicClock.nanoseconds()
            return MonotonicClock.nanoseconds() - start
        }
        return costs.sorted()[500]
    }
}
