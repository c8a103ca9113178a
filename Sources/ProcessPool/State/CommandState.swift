// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The facts that a pool knows about one of its commands.
///
/// If a worker dies before its first line, its start may have failed, or its task may have killed it. Lines
/// that a worker sends after the pool has begun to end it do not count as its first line. The rules are
/// checked in this order, and the first rule that applies decides:
///
/// 1. If the worker was refused (`isRefused`), or was ended because its first line was late (`neverBegan`),
///    the start has failed.
/// 2. If the worker had tasks and read none of them, the start has failed.
/// 3. If the worker had no task, the start has failed. But if workers of the command work without a `hello`
///    (`isSilent`), the start has not failed.
/// 4. If workers of the command send `hello` before they begin a task (`greets`), the start has failed. This
///    rule does not apply to a worker that sent `hello` while the pool was ending it.
/// 5. If the command has shown that it can start (`canStart`), the death counts as a death after the first
///    line: the start has not failed. A worker that prints the content of a page may print a line like
///    `hello`. If each `hello` so far may be such a line (`seemsToGreet`), this rule applies only to a worker
///    that sent `hello` while the pool was ending it.
/// 6. Otherwise `PoolState.openCase` handles the death.
struct CommandState: Sendable {
    /// A death before the worker's first line; the pool does not know yet whether the task is to blame.
    struct OpenCase: Sendable {
        let task: Int
        let worker: WorkerID
        let exit: WorkerExit
        /// True if the worker sent `hello` while the pool was ending it; the worker may then have begun the
        /// task.
        let hasGreeted: Bool
        /// The error message about the worker's output; `nil` unless the worker was ended for too much
        /// output.
        let complaint: String?
        let nanosecondsInHand: Int
        /// The time from the worker's start to its death.
        let lived: PoolTime.Milliseconds
    }

    /// The shortest time that `probeTime` returns, unless the `limit` of that function is shorter.
    static let shortestProbe: PoolTime.Milliseconds = 500

    /// True once a worker of the command has sent its first line.
    ///
    /// While the command is in doubt, a worker that lives long enough without a task (`probeTime`) also makes
    /// the value true. `PoolState.openCase` makes the value false again.
    var canStart = false
    /// True once a worker sent `hello` while it had read none of its tasks; always true with
    /// `PoolOptions.beginsInOrder` or `PoolOptions.startsMachines`.
    var greets = false
    /// True once a worker sent `hello` after it had read a task, and before it had sent a result.
    ///
    /// Page content may have forged such a `hello`, so it is ignored if `isSilent` is already true.
    /// `PoolState.noteProbes` can make the value false again.
    var seemsToGreet = false
    /// True once a trusted child coordinator has sent a result.
    var runsCoordinators = false
    /// True once a worker's first line was a result, usable or not.
    var isSilent = false
    /// The longest time from a worker's start to a first line that was a result, in nanoseconds.
    var slowestStart = 0
    /// The deaths that are not judged yet.
    var openCases: [OpenCase] = []
    /// The number of failed starts since a worker of the command last sent its first line or a result.
    ///
    /// The first line of a child coordinator does not set the number to 0. A start that gives no process has
    /// failed. The rules of `CommandState` and the function `PoolState.hasGivenUp` define the other failed
    /// starts. If several starts give no process, those within `PoolState.oneLack` of the first count as one.
    /// After a failed start that sets `isHopeless`, the number is at least `PoolOptions.failedStartLimit`.
    var failedStarts = 0
    /// The time of the first failed start that `failedStarts` counts; valid only while there is such a start.
    var failingSince = PoolTime(nanoseconds: 0)
    /// The time of the last start that gave no process and counted in `failedStarts`; `nil` if each start
    /// gave one.
    var lackedProcessAt: PoolTime?
    /// True if another attempt after the last failed start cannot help.
    ///
    /// After a failed start of a command that was known (`isKnown`), the value is always false.
    var isHopeless = false
    /// The number of failed starts, plus the open cases while the command has not shown that it can start.
    var suspectedFailures: Int { failedStarts + (canStart ? 0 : openCases.count) }

    /// True while the next worker of the command gets no task, and must show that the command can start.
    var isInDoubt: Bool { !openCases.isEmpty && !canStart }

    /// True if the command has shown that it can start, or if its workers send `hello` or seem to send it.
    ///
    /// The value is always true with `PoolOptions.beginsInOrder` or `PoolOptions.startsMachines`.
    var isKnown: Bool { canStart || greets || seemsToGreet }

    /// Returns the time that a worker without a task must live to show that its command can start.
    ///
    /// Failing starts of one command probably take similar times, so the worker should live longer than the
    /// workers that died. If workers of the command send `hello`, or seem to send `hello`, the time is
    /// `limit`.
    func probeTime(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard !seemsToGreet, !greets else { return limit }
        let lived = openCases.map(\.lived.count).max() ?? 0
        let needed = max(Self.shortestProbe.count, 2 * lived)
        return PoolTime.Milliseconds(min(needed, limit.count))
    }

    /// Returns the time after which a worker's start counts as over, even if the worker has sent no line.
    ///
    /// The time is `limit`, unless workers of the command work without a `hello` (`isSilent`). In that case,
    /// the time is four times `slowestStart` or 5 s, whichever is longer, but at most `limit`.
    func startAllowance(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard isSilent else { return limit }
        let known = max(5_000, slowestStart / 1_000_000 * 4)
        return PoolTime.Milliseconds(min(limit.count, known))
    }
}
