// SPDX-License-Identifier: MIT
// fetchpool

/// What a worker does with its tasks.
///
/// A handler lives on the main thread of its process and gets one task at a time, in the order they came. It may crash or
/// run out of memory: the coordinator then blames the task in hand and goes on with a fresh worker. If a task takes longer than
/// `--task-deadline`, 60 s by default, the coordinator ends the process, and the task as a `timeout`.
public protocol TaskHandler {
    /// Works on one task; returning means that it is done and its answer may be written.
    ///
    /// `task` is the user's task object and `response` the response to process, where the task came with one: both are JSON, checked
    /// to be an object of valid syntax and UTF-8, and lie in memory that belongs to the caller.
    ///
    /// - Returns: What the task's record is to hold as `result`; more than 16 MiB less 256 bytes fails the task.
    /// - Throws: `TaskFailure` to choose the class of the error; any other error becomes one of class `processor` with the error's
    ///   description as its message. Only this task fails.
    mutating func handle(task: Span<UInt8>, response: Span<UInt8>?) throws -> JSONResult
}
