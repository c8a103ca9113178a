// SPDX-License-Identifier: MIT
// fetchpool

/// The work that a worker does for its tasks.
///
/// A handler gets one task at a time, in the order in which they came. Its code runs on the main thread of the
/// process, also after an `await`. If the process crashes or runs out of memory, the coordinator blames the
/// current task, and continues with a new worker. A task that takes longer than `--task-deadline`, 60 s by
/// default, ends as a `timeout`, and the coordinator ends the process.
///
/// To make a program of the handler, conform to ``WorkerProgram``, or call
/// ``SequentialWorker/run(name:processors:finish:makeHandler:)``.
public protocol TaskHandler {
    /// Prepares the worker: loads a model, opens a database, or reads settings.
    ///
    /// Called once, before the first task; the worker says that it is ready when it returns. So its time does
    /// not count for a task. The default does nothing.
    ///
    /// - Throws: Any error; its description is printed on standard error, and the process ends. Use
    ///   `WorkerSetupError` to choose the exit status. `fetchpool` and `ProcessPoolExecutor` show the
    ///   description when no worker can start.
    mutating func prepare() async throws

    /// Works on one task; when it returns, the task is done and its result may be written.
    ///
    /// A method that is not `async` conforms too, and each call of it costs as little as a call of a closure.
    /// In an `async` method, child tasks also run on the main thread. The main actor does not run in a worker,
    /// so the method must not wait for it.
    ///
    /// - Returns: The value of `result` in the task's record. A result of more than 16 MiB − 256 bytes fails
    ///   the task.
    /// - Throws: `TaskFailure` to choose the class of the error; any other error becomes one of class
    ///   `processor` with the error's description as its message. Only this task fails.
    mutating func handle(_ task: WorkerTask) async throws -> JSONResult
}

extension TaskHandler {
    /// Does nothing.
    public mutating func prepare() {}
}
