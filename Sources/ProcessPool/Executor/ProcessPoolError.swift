// SPDX-License-Identifier: MIT
// fetchpool

/// The reason why a task of a pool has no value.
///
/// A cancelled task throws `CancellationError` instead.
public enum ProcessPoolError: Error, Hashable, Sendable {
    /// The function or the program ran, and reported an error of its own.
    case taskFailed(WorkerFailure)
    /// The task's worker ended while it worked on the task: it crashed, exited or was killed.
    ///
    /// Only this task fails. Others that the worker had go to other workers.
    case workerDied(WorkerDeath)
    /// The task took longer than ``PoolConfiguration/taskDeadline``, and its worker was ended.
    case deadlineExceeded(WorkerDeath)
    /// The pool was shut down before the task was submitted.
    case poolClosed
    /// No worker can be started; `stderr` holds the last lines that the last worker wrote to standard error.
    ///
    /// All tasks that the pool has at this time fail. The pool tries again for the next task.
    case cannotStartWorkers(stderr: [String])
    /// The workers have no function of this name: it was not given to
    /// ``ProcessPoolExecutor/serveIfWorker(_:initialize:finish:)``.
    case unknownFunction(String)
    /// The pool's workers do not run functions, or do not run a program.
    case wrongWorkers(String)
    /// The input cannot be sent: it cannot be encoded, or takes more than 16 MiB.
    case unusableInput(String)
    /// The worker's result is not a value of the expected type; the text is the decoder's.
    case undecodableResult(String)
    /// The worker's output for the task was not a result; the text says what was wrong.
    case unusableResult(String)
    /// The task had not ended when the time was over; it goes on.
    case timedOut(Duration)
}

extension ProcessPoolError: CustomStringConvertible {
    /// One sentence: what is wrong, and what to change.
    public var description: String {
        switch self {
        case .taskFailed(let failure): failure.description
        case .workerDied(let death): "the task's worker died: \(death)"
        case .deadlineExceeded(let death):
            "the task took longer than the task deadline, and its worker was ended (process \(death.pid)); raise taskDeadline, or make the task smaller"
        case .poolClosed: "the pool was shut down; submit tasks before, or create another pool"
        case .cannotStartWorkers(let stderr):
            "no worker can be started; the last one wrote: \(stderr.isEmpty ? "nothing" : stderr.joined(separator: " | "))"
        case .unknownFunction(let name):
            "the workers have no function '\(name)'; pass it to ProcessPoolExecutor.serveIfWorker at the top of the program"
        case .wrongWorkers(let reason), .unusableInput(let reason): reason
        case .undecodableResult(let reason): "the worker's result has another type than expected: \(reason)"
        case .unusableResult(let reason): reason
        case .timedOut(let duration): "the task has not ended within \(duration)"
        }
    }
}
