// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Platform

/// A task that waits for its first fetch or for a retry.
///
/// A refused line of the input can also wait as a `WaitingTask`, until its record is written.
package struct WaitingTask: Sendable {
    /// The task; for a refused line, only `ordinal` and `reference` of the task are set.
    package let task: RunTask
    /// The number of fetches of the task that have begun.
    ///
    /// Fetches after which the run waited for its unreachable proxy do not count.
    package var fetches = 0
    /// The time at which the last fetch failed; `nil` if no fetch of the task has failed.
    package var failedAt: PoolTime?
    /// True if the last fetch did not reach the proxy; the next fetch is then no retry.
    package var lacksProxy = false
    private var tries: [EarlierAttempt]?
    private let refusal: Refusal?

    /// A container that keeps the refusal outside of the `WaitingTask`, because few lines are refused.
    private final class Refusal: Sendable {
        let said: RefusedTask

        init(_ said: RefusedTask) { self.said = said }
    }

    /// Creates a waiting task.
    package init(_ task: RunTask) {
        (self.task, refusal) = (task, nil)
    }

    /// Creates the `WaitingTask` of a refused line; `reference` becomes `RunTask.reference`.
    package init(_ refused: RefusedTask, reference: Int = 0) {
        let none = TextPlace(start: 0, count: 0)
        var task = RunTask(ordinal: refused.ordinal, text: none, url: ByteRange())
        task.reference = reference
        (self.task, refusal) = (task, Refusal(refused))
    }

    /// The refusal of a line; `nil` for a task.
    package var refused: RefusedTask? { refusal?.said }

    /// The attempts that failed, in order.
    package var earlierAttempts: [EarlierAttempt] {
        get { tries ?? [] }
        set { tries = newValue.isEmpty ? nil : newValue }
    }

    /// The number of the task or refused line (`RunTask.ordinal`).
    package var ordinal: Int { task.ordinal }

    /// The estimated memory of the task in bytes.
    package var bytes: Int {
        var text = Int(task.text.count)
        if let refused {
            text += refused.id.count + refused.url.count
            text += (refused.method?.count ?? 0) + (refused.meta?.count ?? 0)
        }
        // The constant stands for the `WaitingTask`, and the task's places in `TextStore` and `TaskQueues`.
        return text + 384
    }

    /// Returns the earlier attempts; the wait after the last attempt lasts until `now`.
    ///
    /// A wait for an unreachable proxy adds to the wait that the last attempt already has.
    package func attemptsUntil(_ now: PoolTime) -> [EarlierAttempt] {
        guard var tries else { return [] }
        if let failedAt {
            tries[tries.count - 1].waitMicroseconds =
                (tries[tries.count - 1].waitMicroseconds ?? 0) + (now - failedAt) / 1_000
        }
        return tries
    }
}
