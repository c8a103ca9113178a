// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

// The executor as the client of its pool, on the pool thread.

extension PoolCore: PoolClient {
    func nextTask() -> PoolTask? {
        guard let future = takeTask() else { return nil }
        return PoolTask(token: tasks.add(future), mayRepeat: true)
    }

    // The pool asks for a task for each worker that it could start, so none needs to be announced.
    var expectedTasks: Int { 0 }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        writer.writeInit(config: configuration.workerSettings)
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        guard let future = tasks.task(token) else { return }
        future.pid = worker.pid
        writer.writeTask(seq: seq, attempt: attempt, task: future.payload.span, response: nil)
    }

    func answered(_ task: AcceptedAnswer, _ answer: Answer, in line: Span<UInt8>, by worker: WorkerView) {
        guard let future = tasks.take(task.token) else { return }
        ledger.noteResult(of: worker, after: task.nanosecondsInHand, payload: future.payload)
        if answer.error != nil {
            tasks.end(future, .failure(WorkerFailure.error(of: answer, in: line)))
        } else {
            let result = answer.result.map { line.array($0) } ?? Array("null".utf8)
            tasks.end(future, .success(result))
        }
    }

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {}

    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {
        guard let future = tasks.take(token) else { return }
        let error: any Error
        switch end {
        case .crashed(let exit), .lost(let exit): error = ProcessPoolError.workerDied(WorkerDeath(exit))
        case .pastDeadline(let exit): error = ProcessPoolError.deadlineExceeded(WorkerDeath(exit))
        case .brokeProtocol(let reason, _): error = ProcessPoolError.unusableResult(reason)
        case .unstartable(let exit): error = ProcessPoolError.cannotStartWorkers(stderr: exit.errorTail)
        case .cancelled:
            guard let endingSignal, future.pid > 0 else {
                tasks.end(future, .failure(CancellationError()), as: .cancelled)
                return
            }
            error = ProcessPoolError.workerDied(WorkerDeath(pid: future.pid, signal: endingSignal))
        }
        tasks.end(future, .failure(error))
    }

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        ledger.note(note, of: worker)
    }

    func poolEnded(_ end: PoolEnd) {
        endedAt = now
        guard case .cannotStart(_, let exit) = end else { return }
        failPending(ProcessPoolError.cannotStartWorkers(stderr: exit.errorTail))
    }
}
