// SPDX-License-Identifier: MIT
// fetchpool

/// The state of a task of a pool.
public enum FutureState: String, Hashable, Sendable, CaseIterable {
    /// The task waits in the pool, and no worker has it.
    case pending
    /// A worker has the task, or will soon get the task.
    ///
    /// The state remains `running` if the task goes to another worker.
    case running
    /// The task was cancelled before it had a result.
    case cancelled
    /// The task has ended, with a value or with an error.
    case finished

    /// True if the task has ended.
    public var isDone: Bool { self == .cancelled || self == .finished }
}
