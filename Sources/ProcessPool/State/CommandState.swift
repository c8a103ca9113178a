// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// What a pool has learnt of one of its commands.
///
/// A worker that dies before its first line says nothing of why. If its command has shown that it can start, the task in
/// hand is to blame. If not, the next worker is given no task: it lives, so the command can start, and the tasks that
/// were in hand are blamed; or it dies, and the command cannot start.
struct CommandState: Sendable {
    /// A death before a first line, of which nobody knows yet whether the task is to blame.
    struct OpenCase: Sendable {
        let task: Int
        let worker: WorkerID
        let exit: WorkerExit
        /// True if the worker had said `hello`, after which it may have begun the task.
        let hasGreeted: Bool
        /// The complaint about what it printed, if it was ended for that.
        let complaint: String?
        let nanosecondsInHand: Int
    }

    /// The time for which a worker without a task must live to show that its command can start.
    static let probeTime: PoolTime.Milliseconds = 500

    /// True once a worker of the command has said a line, answered, or lived without a task for a while.
    var canStart = false
    /// True once a worker said `hello` before it can have begun a task: those in hand before it are innocent.
    var greets = false
    /// True once a worker said `hello` with a task read: most likely its like do so always, but a page may have said it.
    var seemsToGreet = false
    /// True once a worker answered without a `hello`.
    var isSilent = false
    /// The longest time from a start to a first answer without a `hello`, in nanoseconds.
    var slowestStart = 0
    /// Deaths that are not judged yet.
    var openCases: [OpenCase] = []
    /// Workers in a row that could not be run, or ended before they can have begun a task, with no answer between them.
    var failedStarts = 0
    /// The failed starts, and the deaths that nobody has judged yet, which were of the same kind.
    var suspectedFailures: Int { failedStarts + (canStart ? 0 : openCases.count) }

    /// True while workers of the command are given no task before they have shown that they can start.
    var isInDoubt: Bool { !openCases.isEmpty && !canStart }

    /// True once a worker of the command was heard of.
    var isKnown: Bool { canStart || greets || seemsToGreet }

    /// Returns the time after its start at which a worker's first task counts as begun, if the worker says nothing.
    ///
    /// Of a command that has answered before it is known how long it takes, more or less.
    func startAllowance(within limit: PoolTime.Milliseconds) -> PoolTime.Milliseconds {
        guard isSilent else { return limit }
        let known = max(5_000, slowestStart / 1_000_000 * 4)
        return PoolTime.Milliseconds(min(limit.count, known))
    }
}
