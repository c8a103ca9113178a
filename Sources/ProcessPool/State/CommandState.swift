// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The facts that a pool knows about one of its commands.
///
/// If a worker dies before its first line, its start may have failed, or its task may have killed it. The
/// first of these rules that applies decides:
///
/// 1. If the pool refused the worker, or ended it because no first line came within the start deadline, the
///    start has failed.
/// 2. If the worker had tasks and read none of them, the start has failed.
/// 3. If the worker had no task, the start has failed, unless workers of the command work without a `hello`
///    (`isSilent`).
/// 4. If workers of the command say `hello` before they begin a task (`greets`), the start has failed. This
///    rule does not apply to a worker that said `hello` while the pool was ending it.
/// 5. If the command has shown that it can start (`canStart`), the pool decides as after a death that follows
///    the first line. This rule does not apply if workers only seem to say `hello` (`seemsToGreet`), and this
///    worker said none.
/// 6. Otherwise the death becomes an open case (`PoolState.openCase`), and the next worker gets no task. The
///    open cases are judged when the next worker sends its first line, or has lived long enough
///    (`probeTime`). If the next worker dies before that, rule 3 applies.
struct CommandState: Sendable {
    /// A death before the worker's first line; the pool does not know yet whether the task is to blame.
    struct OpenCase: Sendable {
        let task: Int
        let worker: WorkerID
        let exit: WorkerExit
        /// True if the worker said `hello` while the pool was ending it; the worker may then have begun the
        /// task.
        let hasGreeted: Bool
        /// The error message about the worker's output; `nil` unless the worker was ended for too much
        /// output.
        let complaint: String?
        let nanosecondsInHand: Int
        /// The time from the worker's start to its death.
        let lived: PoolTime.Milliseconds
    }

    /// The shortest time that a worker without a task must live to show that its command can start, unless
    /// the start deadline is shorter.
    static let shortestProbe: PoolTime.Milliseconds = 500

    /// True after a worker of the command has sent its first line, or, while there are open cases, has lived
    /// without a task for long enough (`probeTime`).
    ///
    /// `PoolState.openCase` makes this value false again.
    var canStart = false
    /// True once a worker said `hello` while it had read none of its tasks, and always with
    /// `PoolOptions.beginsInOrder` or `PoolOptions.startsMachines`.
    ///
    /// After that, no task is blamed if a worker dies before its first line.
    var greets = false
    /// True after a worker that had read a task, but had sent no result, said `hello`; such a `hello` does
    /// not count once `isSilent` is true.
    ///
    /// Probably all workers of the command say `hello`, but page content may have forged this `hello`. So if,
    /// while there are open cases, a worker without a task says nothing until the start deadline, the value
    /// is false again.
    var seemsToGreet = false
    /// True once a worker of the command has said in its `hello` that it is a trusted child coordinator.
    ///
    /// With `PoolOptions.startsMachines`, the value is true only once a worker has sent a result.
    var runsCoordinators = false
    /// True once a worker's first line was a result, usable or not.
    var isSilent = false
    /// The longest time from a worker's start to a first line that was a result, usable or not, in
    /// nanoseconds.
    var slowestStart = 0
    /// The deaths that are not judged yet.
    var openCases: [OpenCase] = []
    /// The number of failed starts since a worker of the command last sent its first line or a result; with
    /// `PoolOptions.startsMachines`, since a worker last sent a result.
    ///
    /// A start has failed if the program could not be run, or ended before it could begin a task. A start has
    /// also failed if the worker was ended because it sent no first line within the start deadline, or was
    /// refused (`WorkerSlot.isRefused`). A coordinator on another machine that cannot work there counts as
    /// well (`PoolState.hasGivenUp`). After a failed start that another attempt cannot help, the number is
    /// above `PoolOptions.failedStartLimit`.
    var failedStarts = 0
    /// The time of the first of `failedStarts`.
    var failingSince = PoolTime(nanoseconds: 0)
    /// True if the last failed start was one that another attempt cannot help.
    var isHopeless = false
    /// The number of failed starts, plus the open cases while the command has not shown that it can start.
    var suspectedFailures: Int { failedStarts + (canStart ? 0 : openCases.count) }

    /// True while the next worker of the command gets no task, and must show that the command can start.
    var isInDoubt: Bool { !openCases.isEmpty && !canStart }

    /// True if the command has shown that it can start, or if its workers say `hello` or seem to.
    var isKnown: Bool { canStart || greets || seemsToGreet }

    /// Returns the time that a worker without a task must live to show that its command can start.
    ///
    /// A start that fails late, for example after a library was loaded, fails after about the same time
    /// again. So the worker must live twice as long as each of the workers that died, and for at least
    /// 500 ms. The time is never longer than `limit`. If workers of the command say `hello`, or seem to, the
    /// time is `limit`.
    func probeTime(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard !seemsToGreet, !greets else { return limit }
        let lived = openCases.map(\.lived.count).max() ?? 0
        let needed = max(Self.shortestProbe.count, 2 * lived)
        return PoolTime.Milliseconds(min(needed, limit.count))
    }

    /// Returns the time from a worker's start to the moment at which its first task counts as begun, if the
    /// worker has sent no line until then.
    ///
    /// If the duration of a start is known (`isSilent`), the time is four times `slowestStart`, but at least
    /// 5 s. The time is never longer than `limit`. If no duration is known, the time is `limit`.
    func startAllowance(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard isSilent else { return limit }
        let known = max(5_000, slowestStart / 1_000_000 * 4)
        return PoolTime.Milliseconds(min(limit.count, known))
    }
}
