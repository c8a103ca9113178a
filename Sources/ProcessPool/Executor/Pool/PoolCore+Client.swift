// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

/// A task that the pool has.
struct GivenTask {
    let token: Int
    let future: RawFuture
    /// The process that has it; 0 before one has.
    var pid = 0
}

// The executor as the client of its pool, on the pool thread.

extension PoolCore: PoolClient {
    /// The number of bits of a token that are the task's place in `given`; the others make it unique.
    private static let placeBits = 24

    func nextTask() -> PoolTask? {
        guard let future = takeTask() else { return nil }
        let place = freePlaces.popLast() ?? given.count
        tasksGiven += 1
        let token = tasksGiven << Self.placeBits | place
        future.token = token
        let task = GivenTask(token: token, future: future)
        if place == given.count { given.append(task) } else { given[place] = task }
        return PoolTask(token: token, mayRepeat: true)
    }

    // The pool asks for a task for each worker that it could start, so none needs to be announced.
    var expectedTasks: Int { 0 }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        writer.writeInit(config: configuration.workerSettings)
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        let place = token & (1 << Self.placeBits - 1)
        given[place]?.pid = worker.pid
        guard let payload = given[place]?.future.payload else { return }
        writer.writeTask(seq: seq, attempt: attempt, task: payload.span, response: nil)
    }

    func answered(_ task: AcceptedAnswer, _ answer: Answer, in line: Span<UInt8>, by worker: WorkerView) {
        guard let future = take(task.token)?.future else { return }
        ledger.noteResult(of: worker, after: task.nanosecondsInHand, payload: future.payload)
        if answer.error != nil {
            ended.append((future, .failure(WorkerFailure.error(of: answer, in: line)), .finished))
        } else {
            let result = answer.result.map { line.array($0) } ?? Array("null".utf8)
            ended.append((future, .success(result), .finished))
        }
    }

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {}

    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {
        guard let task = take(token) else { return }
        let error: any Error
        switch end {
        case .crashed(let exit), .lost(let exit): error = ProcessPoolError.workerDied(WorkerDeath(exit))
        case .pastDeadline(let exit): error = ProcessPoolError.deadlineExceeded(WorkerDeath(exit))
        case .brokeProtocol(let reason): error = ProcessPoolError.unusableResult(reason)
        case .unstartable(let exit): error = ProcessPoolError.cannotStartWorkers(stderr: exit.errorTail)
        case .cancelled:
            guard let endingSignal, task.pid > 0 else {
                self.ended.append((task.future, .failure(CancellationError()), .cancelled))
                return
            }
            error = ProcessPoolError.workerDied(WorkerDeath(pid: task.pid, signal: endingSignal))
        }
        self.ended.append((task.future, .failure(error), .finished))
    }

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        ledger.note(note, of: worker)
    }

    func poolEnded(_ end: PoolEnd) {
        endedAt = now
        guard case .cannotStart(_, let exit) = end else { return }
        failPending(ProcessPoolError.cannotStartWorkers(stderr: exit.errorTail))
    }

    private func take(_ token: Int) -> GivenTask? {
        let place = token & (1 << Self.placeBits - 1)
        guard place < given.count, let task = given[place], task.token == token else { return nil }
        task.future.token = -1
        given[place] = nil
        freePlaces.append(place)
        return task
    }
}
