// SPDX-License-Identifier: MIT
// fetchpool

/// The state of a task of a pool.
public enum FutureState: String, Hashable, Sendable, CaseIterable {
    /// The task waits in the pool, and no worker has it.
    case pending
    /// A worker works on the task or soon will, usually within 10 ms.
    ///
    /// The start of a worker takes longer. If the worker ends and the task goes to another worker, the state
    /// does not change.
    case running
    /// The task was cancelled before it had a result.
    case cancelled
    /// The task has ended, with a value or with an error.
    case finished

    /// True if the task has ended, so that its state does not change any more.
    public var isDone: Bool { self == .cancelled || self == .finished }
}
