// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a task of a pool has no value, or why a wait for tasks was given up.
///
/// A cancelled task has a `CancellationError` instead.
public enum ProcessPoolError: Error, Hashable, Sendable {
    /// The worker reported an error for the task, such as an error that the function has thrown.
    case taskFailed(WorkerFailure)
    /// The worker crashed, exited or was killed while it worked on the task.
    ///
    /// Only this task fails; other tasks of the worker go to other workers. But if
    /// ``ProcessPoolExecutor/terminateWorkers()`` or ``ProcessPoolExecutor/killWorkers()`` has ended the
    /// pool, the tasks of all workers fail with this error.
    case workerDied(WorkerDeath)
    /// The pool ended the worker during the task.
    ///
    /// Either the task took longer than ``PoolConfiguration/taskDeadline``, or a worker that sends beats was
    /// silent for five seconds.
    case deadlineExceeded(WorkerDeath)
    /// The pool was shut down before the task was submitted.
    case poolClosed
    /// No worker can be started.
    ///
    /// `stderr` holds the first and last lines that the last worker wrote to standard error, 40 at most. If
    /// no process could be started, `stderr` holds the reason. If the worker wrote no line, `stderr` holds
    /// one line with the exit status or the signal. If the worker was ended because of
    /// ``PoolConfiguration/startDeadline``, the first line gives this reason.
    ///
    /// All tasks that the pool has at this time fail. For the next task, the pool starts workers again.
    case cannotStartWorkers(stderr: [String])
    /// The workers have no function of this name, because it was not passed to
    /// ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)``.
    case unknownFunction(String)
    /// The workers of the pool cannot run the task; the text says what to do instead.
    ///
    /// Either a function was submitted to workers that run a program, or an input without a function was
    /// submitted to workers that run functions. Or the workers would run this program, which is a test.
    case wrongWorkers(String)
    /// The input cannot be encoded as JSON, or has more than about 16 MiB; the text says why.
    case unusableInput(String)
    /// The worker's result is not a value of the expected type; the text describes the decoder's error.
    case undecodableResult(String)
    /// The worker's output for the task was not a result; the text says what was wrong.
    case unusableResult(String)
    /// A wait was longer than this time-out; the tasks continue.
    case timedOut(Duration)
}

extension ProcessPoolError: CustomStringConvertible {
    /// A message for users, with the cause.
    public var description: String {
        switch self {
        case .taskFailed(let failure): failure.description
        case .workerDied(let death): "the task's worker died: \(death)"
        case .deadlineExceeded(let death):
            "the worker was ended (process \(death.pid)): the task took longer than taskDeadline, or the worker was silent for five seconds; raise taskDeadline, make the task smaller, or do not suspend the worker (SIGSTOP)"
        case .poolClosed: "the pool was shut down; submit tasks before the shutdown, or create another pool"
        case .cannotStartWorkers(let stderr):
            "no worker can be started: \(stderr.isEmpty ? "no reason is known" : stderr.joined(separator: " | "))"
        case .unknownFunction(let name):
            "the workers have no function '\(name)'; pass it to ProcessPoolExecutor.serveIfWorker at the top of the program"
        case .wrongWorkers(let reason), .unusableInput(let reason): reason
        case .undecodableResult(let reason): "the worker's result has another type than expected: \(reason)"
        case .unusableResult(let reason): reason
        case .timedOut(let duration): "the wait has taken longer than \(duration)"
        }
    }
}
