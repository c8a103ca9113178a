// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import PoolWire
import ProcessPool

// The reasons in records: why a task got no result, or which error a worker's result has.

/// The work that a worker does on a task, as text for error messages.
enum WorkKind: String {
    case fetching = "working on this task"
    case processing = "processing this response"
}

extension TaskEnd {
    /// True if the task was cancelled, or ended because no worker can be started.
    var isCancellation: Bool {
        switch self {
        case .cancelled, .unstartable: true
        case .crashed, .pastDeadline, .lost, .brokeProtocol: false
        }
    }

    /// Returns the ending of a task that got no result.
    ///
    /// `status` is the status of the task's response, or `nil` if there is no response. `microseconds` is the
    /// time that a worker has spent on the task, or `nil` if this time is not known. `isLimited` is false for
    /// the bundled fetch worker, which `--task-deadline` never limits.
    func ending(
        of kind: WorkKind,
        status: Int?,
        microseconds: Int?,
        isLimited: Bool = true
    ) -> RecordSink.Ending {
        var ending = RecordSink.Ending(outcome: .cancelled, status: status)
        switch self {
        case .cancelled: ending.error = RecordSink.Ending.cancelled.error
        case .unstartable(let exit): ending.error = RecordSink.Ending.cancelled(by: exit).error
        case .brokeProtocol(let complaint, _):
            ending.outcome = kind == .fetching ? .fetchError : .processError
            ending.error = TaskError(.workerProtocol, complaint)
        case .crashed(let exit):
            (ending.outcome, ending.error) = (.workerCrash, Self.error(of: exit, kind))
        case .lost:
            let message =
                "its worker ended, perhaps not because of this task; the request may have been sent, and must not be sent twice"
            (ending.outcome, ending.error) = (.workerCrash, TaskError(.crash, message))
        case .pastDeadline:
            let time = microseconds.map { " after \(RunSummary.short(Double($0) / 1e6)) s" } ?? ""
            let reason =
                isLimited
                ? "\(kind.rawValue) took longer than --task-deadline, or the worker became silent"
                : "it became silent, or ended none of its tasks for too long"
            let message = "the worker was ended\(time): \(reason)"
            (ending.outcome, ending.error) = (.timeout, TaskError(.deadline, message))
        }
        return ending
    }

    private static func error(of exit: WorkerExit, _ kind: WorkKind) -> TaskError {
        if exit.isOutOfMemory {
            return TaskError(
                .oom,
                "the worker ran out of memory while \(kind.rawValue): \(exit.words)"
            )
        }
        if exit.wasStopped {
            return TaskError(
                .crash,
                "the worker was ended: it closed its output or did not exit while \(kind.rawValue)"
            )
        }
        return TaskError(.crash, "the worker died while \(kind.rawValue): \(exit.words)")
    }
}

extension RecordSink.Ending {
    /// Returns the ending of a task that gets no result because no worker can be started.
    static func cancelled(by exit: WorkerExit) -> Self {
        var ending = cancelled
        let last = exit.errorTail.last.map { ": \($0)" } ?? ""
        ending.error = TaskError(
            .cancelled,
            "workers cannot start; the last worker \(exit.account)\(last)"
        )
        return ending
    }
}

extension EarlierAttempt {
    /// Creates the entry for an attempt that ended with the worker's death.
    ///
    /// `nanosecondsInHand` is the time that the worker has spent on the task.
    init(_ exit: WorkerExit, nanosecondsInHand: Int) {
        self.init(errorClass: exit.isOutOfMemory ? .oom : .crash, microseconds: nanosecondsInHand / 1_000)
    }
}

extension TaskError {
    /// Returns the error of a worker's result, with the class `errorClass`.
    static func said(by result: ResultMessage, in line: Span<UInt8>, _ errorClass: ErrorClass) -> TaskError {
        var message = "the worker gave no reason"
        if let range = result.errorMessage {
            let value = JSONValue(kind: .string, range: range, isEscaped: true)
            if let text = line.mendedText(of: value) { message = String(decoding: text, as: UTF8.self) }
        }
        return TaskError(errorClass, message, isRetryable: result.isRetryable)
    }
}

extension JSONWriter {
    /// Writes members about the end of the task's worker, if the worker has ended.
    mutating func recordWorkerEnd(_ end: TaskEnd) {
        guard let exit = end.exit else { return }
        // The signal or exit code of a worker that this program ended matters only if memory was the reason.
        if case .crashed = end, !exit.wasStopped || exit.isOutOfMemory {
            if let signal = exit.signal {
                name("signal")
                string(SignalName.of(signal))
            } else {
                name("exit_code")
                integer(exit.status)
            }
        }
        if !exit.errorTail.isEmpty {
            name("stderr_tail")
            beginArray()
            for line in exit.errorTail { string(line) }
            endArray()
        }
        guard let peak = exit.peakRSSKB else { return }
        name("peak_rss_kb")
        integer(peak)
    }
}
