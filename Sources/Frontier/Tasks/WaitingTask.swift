// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Platform

/// A line that waits to be fetched, for the first time or again.
package struct WaitingTask: Sendable {
    /// What was read; of a refused line the number alone.
    package let task: RunTask
    /// Fetches of it that have begun.
    package var fetches = 0
    /// When the last of the tries before ended.
    package var failedAt: PoolTime?
    private var tries: [EarlierAttempt]?
    private let refusal: Refusal?

    /// What is said of a refused line: few are, so that it lies elsewhere.
    private final class Refusal: Sendable {
        let said: RefusedTask

        init(_ said: RefusedTask) { self.said = said }
    }

    /// A task that waits.
    package init(_ task: RunTask) {
        (self.task, refusal) = (task, nil)
    }

    /// An invalid line, which waits for its record; `reference` is that of a `RunTask`.
    package init(_ refused: RefusedTask, reference: Int = 0) {
        let none = TextPlace(start: 0, count: 0)
        var task = RunTask(ordinal: refused.ordinal, text: none, url: ByteRange())
        task.reference = reference
        (self.task, refusal) = (task, Refusal(refused))
    }

    /// The refusal of an invalid line; `nil` for a task.
    package var refused: RefusedTask? { refusal?.said }

    /// Tries that failed, in order.
    package var earlierAttempts: [EarlierAttempt] {
        get { tries ?? [] }
        set { tries = newValue.isEmpty ? nil : newValue }
    }

    /// Its line's number over all inputs.
    package var ordinal: Int { task.ordinal }

    /// About the memory that it takes, in bytes.
    package var bytes: Int {
        var text = Int(task.text.count)
        if let refused { text += refused.id.count + refused.url.count + (refused.meta?.count ?? 0) }
        // The value itself, its place in the store, and its part in the queues.
        return text + 384
    }

    /// The tries before, the last with the time that was waited since.
    package func attemptsUntil(_ now: PoolTime) -> [EarlierAttempt] {
        guard var tries else { return [] }
        if let failedAt { tries[tries.count - 1].waitMicroseconds = (now - failedAt) / 1_000 }
        return tries
    }
}
