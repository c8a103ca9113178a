// SPDX-License-Identifier: MIT
// fetchpool

/// The work of a worker that has several tasks in hand at once.
///
/// It suits work that mostly waits, such as requests to a server. Calls of ``handle(_:)`` overlap, run on
/// Swift's threads, and end in any order, so the handler is `Sendable` and changes no state of its own. If the
/// process dies, the coordinator cannot know which of the tasks is to blame: it tries those that had begun
/// again, at last one by one.
public protocol ConcurrentTaskHandler: TaskHandler, Sendable {
    /// Works on one task; when it returns, the task is done.
    ///
    /// If a `ProcessPoolExecutor` cancels the task, the Swift task that calls this method is cancelled.
    ///
    /// - Returns: The value of `result` in the task's record, as for ``TaskHandler``.
    /// - Throws: Any error, as for ``TaskHandler``; only this task fails.
    func handle(_ task: WorkerTask) async throws -> JSONResult
}

/// A handler for several tasks at once that is a whole program: write `@main` before its type.
public protocol ConcurrentWorkerProgram: WorkerProgram, ConcurrentTaskHandler {
    /// The number of tasks to work on at once, from 1 to 10,000.
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
