// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The facts that a pool knows about one of its commands.
///
/// If a worker dies before its first line, the reason is not known. If the worker read no task, or if workers
/// of the command say `hello` before they begin a task, the worker's start has failed. A worker without a
/// task is an exception if workers of the command work without a `hello`. If the command has shown that it
/// can start, and its workers do not seem to say `hello`, the worker's oldest task is blamed. Otherwise the
/// death becomes an open case, and the next worker gets no task. If the next worker lives, the command can
/// start, and the tasks of the open cases are judged. If the next worker dies, its start has failed.
struct CommandState: Sendable {
    /// A death before the worker's first line; it is not known yet if the task is to blame.
    struct OpenCase: Sendable {
        let task: Int
        let worker: WorkerID
        let exit: WorkerExit
        /// True if the worker said `hello` while the pool was ending it; the worker may then have begun the
        /// task.
        let hasGreeted: Bool
        /// The complaint about the worker's output; `nil` unless the worker was ended for its output.
        let complaint: String?
        let nanosecondsInHand: Int
        /// The time from the worker's start to its death.
        let lived: PoolTime.Milliseconds
    }

    /// The shortest time that a worker without a task must live to show that its command can start.
    static let shortestProbe: PoolTime.Milliseconds = 500

    /// True after a worker of the command has sent its first line, or has lived without a task for a while.
    ///
    /// A new open case makes this value false again.
    var canStart = false
    /// True once a worker said `hello` before it had read a task, and always with
    /// `PoolOptions.beginsInOrder`.
    ///
    /// After that, no task is blamed if a worker dies before its first line.
    var greets = false
    /// True after a worker that had read a task said `hello`, and had sent no result before.
    ///
    /// If a worker without a task then says nothing until the start deadline, the value is false again.
    ///
    /// Probably all workers of the command say `hello`, but page content may have forged this `hello`.
    var seemsToGreet = false
    /// True once a worker of the command was a trusted child coordinator; with `PoolOptions.startsMachines`, once
    /// such a worker has done a task.
    var runsCoordinators = false
    /// True once a worker's first line was a result, usable or not.
    var isSilent = false
    /// The longest time from a start to a first line that was a result, usable or not, in nanoseconds.
    var slowestStart = 0
    /// The deaths that are not judged yet.
    var openCases: [OpenCase] = []
    /// The number of failed starts since a worker of the command last sent its first line or a result.
    ///
    /// A start has failed if the program could not be run, or ended before it could begin a task. A start has
    /// also failed if the worker was ended because it sent no first line in time, or does not speak the
    /// protocol. A program that cannot be run at all counts as `failedStartLimit` failed starts.
    var failedStarts = 0
    /// The time of the first of `failedStarts`.
    var failingSince = PoolTime(nanoseconds: 0)
    /// True if the last failed start was one that another attempt cannot help.
    var isHopeless = false
    /// The number of failed starts, plus the open cases while the command has not shown that it can start.
    var suspectedFailures: Int { failedStarts + (canStart ? 0 : openCases.count) }

    /// True while the next worker of the command gets no task, and must show that the command can start.
    var isInDoubt: Bool { !openCases.isEmpty && !canStart }

    /// True if the command has shown that it can start, or if its workers seem to say `hello`.
    var isKnown: Bool { canStart || greets || seemsToGreet }

    /// Returns the time that a worker without a task must live to show that its command can start.
    ///
    /// A start that fails late, for example after it has loaded a library, fails after about the same time
    /// again. So the worker must live twice as long as each of the workers that died, and for at least
    /// 500 ms. The time is never longer than `limit`. If workers of the command say `hello`, the time is
    /// `limit`.
    func probeTime(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard !seemsToGreet, !greets else { return limit }
        let lived = openCases.map(\.lived.count).max() ?? 0
        let needed = max(Self.shortestProbe.count, 2 * lived)
        return PoolTime.Milliseconds(min(needed, limit.count))
    }

    /// Returns the time after its start at which a silent worker's first task counts as begun.
    ///
    /// If the duration of a start is known, the time is four times the longest start, but at least 5 s. The
    /// time is never longer than `limit`. If no duration is known, the time is `limit`.
    func startAllowance(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard isSilent else { return limit }
        let known = max(5_000, slowestStart / 1_000_000 * 4)
        return PoolTime.Milliseconds(min(limit.count, known))
    }
}
