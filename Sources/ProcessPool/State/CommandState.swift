// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The knowledge of a pool about one of its commands.
///
/// A worker that dies before its first line does not show the reason. If its command has shown that it can
/// start, the current task is blamed. If not, the next worker gets no task. If that worker lives, the command
/// can start, and the open cases' tasks are blamed. If it dies, the command cannot start.
struct CommandState: Sendable {
    /// A death before a first line, if it is not known yet whether the task is to blame.
    struct OpenCase: Sendable {
        let task: Int
        let worker: WorkerID
        let exit: WorkerExit
        /// True if the worker had said `hello`, after which it may have begun the task.
        let hasGreeted: Bool
        /// The complaint about the worker's output, if it was ended for that.
        let complaint: String?
        let nanosecondsInHand: Int
    }

    /// The time that a worker without a task must live to show that its command can start.
    static let probeTime: PoolTime.Milliseconds = 500

    /// True once a worker of the command has sent a line or a result, or lived without a task for a while.
    var canStart = false
    /// True once a worker said `hello` before it could begin a task; a death before `hello` then blames no
    /// task.
    var greets = false
    /// True once a worker said `hello` after it had read a task; probably all do, but page content may have
    /// forged it.
    var seemsToGreet = false
    /// True once a worker sent a result without a `hello`.
    var isSilent = false
    /// The longest time from a start to a first result without a `hello`, in nanoseconds.
    var slowestStart = 0
    /// The deaths that are not judged yet.
    var openCases: [OpenCase] = []
    /// The number of failed starts in a row without a result between them.
    ///
    /// A start has failed if the program could not be run, or ended before it could begin a task.
    var failedStarts = 0
    /// The number of failed starts, plus the open cases while the command has not shown that it can start.
    var suspectedFailures: Int { failedStarts + (canStart ? 0 : openCases.count) }

    /// True while workers of the command get no task before they have shown that they can start.
    var isInDoubt: Bool { !openCases.isEmpty && !canStart }

    /// True once a worker of the command has given a sign of life.
    var isKnown: Bool { canStart || greets || seemsToGreet }

    /// Returns the time after its start at which a silent worker's first task counts as begun.
    ///
    /// It is shorter if the command has sent results before, because then the duration of its start is known.
    func startAllowance(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard isSilent else { return limit }
        let known = max(5_000, slowestStart / 1_000_000 * 4)
        return PoolTime.Milliseconds(min(limit.count, known))
    }
}
