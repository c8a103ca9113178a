// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

// The executor as the client of its pool, on the pool thread.

extension PoolCore: PoolClient {
    func willTake(_ count: Int) { claim(count) }

    func nextTask() -> PoolTask? {
        guard let token = claims.give(to: &tasks) else { return nil }
        return PoolTask(token: token, mayRepeat: true)
    }

    // The pool asks for tasks even for workers that it has not started, so no task needs to be announced.
    var expectedTasks: Int { 0 }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        writer.writeInit(config: configuration.workerSettings)
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        tasks.write(token, seq: seq, attempt: attempt, to: worker.pid, into: &writer)
    }

    func completed(
        _ task: AcceptedResult,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        ledger.noteResult(
            of: worker,
            after: task.nanosecondsInHand,
            payload: tasks.payload(of: task.token)
        )
        if message.error != nil, tasks.isUnwanted(task.token) {
            // To give up a task that has begun, a worker sends an error as the result.
            tasks.end(task.token, CancellationError(), as: .cancelled)
        } else if message.error != nil {
            tasks.end(task.token, WorkerFailure.error(of: message, in: line, from: workers))
        } else if let result = message.result {
            tasks.end(task.token, with: line.extracting(result))
        } else {
            let reason = "the worker's result message has no result and no error"
            tasks.end(task.token, ProcessPoolError.unusableResult(reason))
        }
    }

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {}

    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {
        let error: any Error
        switch end {
        case .crashed(let exit), .lost(let exit): error = ProcessPoolError.workerDied(WorkerDeath(exit))
        case .pastDeadline(let exit): error = ProcessPoolError.deadlineExceeded(WorkerDeath(exit))
        case .brokeProtocol(let reason, _): error = ProcessPoolError.unusableResult(reason)
        case .unstartable(let exit):
            error = ProcessPoolError.cannotStart(after: exit)
            // The tasks in the queue fail now. A task that comes after the error, while the last workers of
            // this pool are still ending, must not fail with this error.
            failPending(error)
        case .cancelled:
            let process = tasks.process(of: token)
            guard let endingSignal, process > 0, !tasks.isUnwanted(token) else {
                return tasks.end(token, CancellationError(), as: .cancelled)
            }
            error = ProcessPoolError.workerDied(WorkerDeath(pid: process, signal: endingSignal))
        }
        tasks.end(token, error)
    }

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        ledger.note(note, of: worker)
    }

    func poolEnded(_ end: PoolEnd) { endedAt = now }
}

extension ProcessPoolError {
    /// Returns the error of a pool that cannot start workers; the last worker that was tried has ended with
    /// `exit`.
    fileprivate static func cannotStart(after exit: WorkerExit) -> ProcessPoolError {
        if exit.wasLate {
            let reason =
                "the last worker was ended, because it sent no message within startDeadline; raise startDeadline, or make the worker's start shorter"
            return .cannotStartWorkers(stderr: [reason] + exit.errorTail)
        }
        guard exit.errorTail.isEmpty else { return .cannotStartWorkers(stderr: exit.errorTail) }
        let end = exit.signal.map(SignalName.text) ?? "exit status \(exit.status)"
        let line = "the last worker wrote nothing to standard error, and ended with \(end)"
        return .cannotStartWorkers(stderr: [line])
    }
}
