// SPDX-License-Identifier: MIT
// fetchpool

/// The work that a worker does for each task.
///
/// For a handler that overlaps tasks, see ``ConcurrentTaskHandler``. Any other handler gets one task at a
/// time, in the order in which the tasks came. Its methods run on the main thread of the process, also after
/// an `await`. If the process crashes or runs out of memory, the coordinator blames the current task, and
/// continues with a new worker. A task that takes longer than `--task-deadline` ends as a `timeout`, and the
/// coordinator ends the process.
///
/// To make a program of the handler, conform to ``WorkerProgram``, or call
/// ``SequentialWorker/run(name:processors:finish:makeHandler:)``.
public protocol TaskHandler {
    /// Prepares the worker: loads a model, opens a database, or reads settings.
    ///
    /// The method is called once, before the worker writes its first line. The default does nothing.
    ///
    /// - Throws: Any error; its description is printed on standard error, and the process ends. Use
    ///   `WorkerSetupError` to choose the exit status. `fetchpool` and `ProcessPoolExecutor` show the
    ///   description when no worker can start.
    mutating func prepare() async throws

    /// Works on one task; when the method returns, the task is done and its result is written.
    ///
    /// A method that is not `async` conforms too. Child tasks of an `async` method take turns with the method
    /// on the main thread, unless they are started with `executorPreference: globalConcurrentExecutor`. A
    /// `Task` runs on other threads. The main actor does not run in a worker, so the method must not wait for
    /// the main actor.
    ///
    /// - Returns: The value of `result` in the task's record. A result of more than 16 MiB − 256 bytes fails
    ///   the task.
    /// - Throws: `TaskFailure` to choose the class of the error. Any other error becomes an error of class
    ///   `processor` whose message is the description of the thrown error. Only this task fails.
    mutating func handle(_ task: WorkerTask) async throws -> JSONResult
}

extension TaskHandler {
    /// Does nothing.
    public mutating func prepare() {}
}
