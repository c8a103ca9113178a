// SPDX-License-Identifier: MIT
// fetchpool

/// A handler that works on several tasks at the same time.
///
/// Such a handler suits work that mostly waits, such as requests to a server. Calls of ``handle(_:)``
/// overlap, run on Swift's threads, and end in any order. So the handler is `Sendable`, and the method is not
/// mutating. If the process dies, the coordinator cannot know which task is to blame. The coordinator then
/// repeats all tasks that had begun, except those that must not be repeated, such as a POST. If a task had
/// begun in two processes that died, the coordinator repeats this task alone, without other tasks in the
/// process. If this process dies too, the task fails.
public protocol ConcurrentTaskHandler: TaskHandler, Sendable {
    /// Works on one task; when the method returns, the task is done.
    ///
    /// If a `ProcessPoolExecutor` cancels the task, the Swift task that calls this method is cancelled.
    ///
    /// - Returns: The value of `result` in the task's record, as for ``TaskHandler``.
    /// - Throws: Any error, as for ``TaskHandler``; only this task fails.
    func handle(_ task: WorkerTask) async throws -> JSONResult
}

/// A program whose handler works on several tasks at the same time: write `@main` before its type.
public protocol ConcurrentWorkerProgram: WorkerProgram, ConcurrentTaskHandler {
    /// The number of tasks to work on at the same time, from 1 to 10,000.
    static var concurrency: Int { get }
}

extension ConcurrentWorkerProgram {
    /// Serves a coordinator over standard input and output; see
    /// ``ConcurrentWorker/run(name:concurrency:processors:finish:makeHandler:)``.
    public static func main() {
        ConcurrentWorker.run(name: name, concurrency: concurrency) { _ in
            try Self(arguments: WorkerArguments.words)
        }
    }
}
