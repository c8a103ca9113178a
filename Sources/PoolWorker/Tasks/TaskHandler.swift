// SPDX-License-Identifier: MIT
// fetchpool

/// The work that a worker does for its tasks.
///
/// A handler lives on the main thread of its process and gets one task at a time, in the order in which they
/// came. If the process crashes or runs out of memory, the coordinator blames the current task, and continues
/// with a new worker. A task that takes longer than `--task-deadline`, 60 s by default, ends as a `timeout`,
/// and the coordinator ends the process.
public protocol TaskHandler {
    /// Works on one task; when it returns, the task is done and its result may be written.
    ///
    /// `task` is the user's task object. `response` is the response to process, or `nil` if the task has
    /// none. Both are JSON objects, checked for syntax and UTF-8, in memory that belongs to the caller.
    ///
    /// - Returns: The value of `result` in the task's record. A result of more than 16 MiB − 256 bytes fails
    ///   the task.
    /// - Throws: `TaskFailure` to choose the class of the error; any other error becomes one of class
    ///   `processor` with the error's description as its message. Only this task fails.
    mutating func handle(task: Span<UInt8>, response: Span<UInt8>?) throws -> JSONResult
}
