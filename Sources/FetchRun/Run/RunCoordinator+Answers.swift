// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

// What becomes of each answer, and of each task that got none.

extension RunCoordinator {
    func answered(_ task: AcceptedAnswer, _ answer: Answer, in line: Span<UInt8>, by worker: WorkerView) {
        let copy = answer.breaksLines ? SingleLine.copy(of: line) : []
        if !copy.isEmpty, case .answer(let same)? = try? WorkerMessage.read(copy.span) {
            return answered(task, same, in: copy.span, by: worker)
        }
        if processes, worker.pool == processPool {
            processed(task, answer, in: line, by: worker)
        } else {
            fetched(task.token, answer, in: line, by: worker)
        }
    }

    func ended(_ token: Int, _ end: TaskEnd, in pool: Int, by worker: WorkerView?) {
        let wasFetch = pool == fetchPool
        if wasFetch { state.fetchesInFlight -= 1 }
        // Before the spool lets go of it.
        let kept = state.items[token].flatMap { keepBody(of: $0, token, after: end) }
        let inHand = processingTimes.end(token, by: worker, at: loop.now)
        guard let item = remove(token) else { return }
        if wasFetch { endFetch(of: item, .unknown) }
        // What a coordinator above finds unanswered at our end goes back; it alone may say that a task is cancelled.
        if item.upstream != nil, Self.isCancelled(end) { return state.drop(item) }
        state.write(item, ending(of: item, after: end, wasFetch, microseconds: inHand)) { writer in
            if let fetched = item.fetched {
                self.writeFetched(fetched, of: item, processMicroseconds: inHand, into: &writer)
            }
            guard let worker else { return }
            if wasFetch { self.writeFetcher(worker, of: item, into: &writer) }
            if !wasFetch { self.writeProcessor(worker, into: &writer) }
            guard let exit = end.exit else { return }
            // A signal of ours says nothing about the task, unless it was for the memory that the task took.
            if case .crashed = end, !exit.wasStopped || exit.isOutOfMemory { writer.recordExit(exit) }
            writer.recordLastWords(of: exit)
            if let kept { writer.recordKeptBody(kept) }
        }
    }

    private static func isCancelled(_ end: TaskEnd) -> Bool {
        switch end {
        case .cancelled, .unstartable: true
        case .crashed, .pastDeadline, .lost, .brokeProtocol: false
        }
    }

    private func ending(
        of item: RunItem,
        after end: TaskEnd,
        _ wasFetch: Bool,
        microseconds: Int?
    ) -> RecordSink.Ending {
        var ending = RecordSink.Ending(outcome: .cancelled, status: item.fetched?.answer.status)
        switch end {
        case .cancelled: ending.error = RecordSink.Ending.cancelled.error
        case .unstartable(let exit): ending.error = Self.cancelled(by: exit).error
        case .brokeProtocol(let complaint):
            ending.outcome = wasFetch ? .fetchError : .processError
            ending.error = TaskError(.workerProtocol, complaint)
        case .crashed(let exit):
            (ending.outcome, ending.error) = (.workerCrash, Self.error(of: exit, wasFetch))
        case .lost:
            let message =
                "its worker was ended or left, and this request may have been sent and may not be repeated"
            (ending.outcome, ending.error) = (.workerCrash, TaskError(.crash, message))
        case .pastDeadline:
            ending.outcome = .timeout
            ending.error = TaskError(.deadline, Self.lateMessage(wasFetch, microseconds: microseconds))
        }
        return ending
    }

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {
        let errorClass: ErrorClass = exit.isOutOfMemory ? .oom : .crash
        state.add(EarlierTry(errorClass: errorClass, microseconds: nanosecondsInHand / 1_000), to: token)
    }

    private static func error(of exit: WorkerExit, _ wasFetch: Bool) -> TaskError {
        let deed = wasFetch ? "working on this task" : "processing this response"
        guard exit.isOutOfMemory else {
            if exit.wasStopped {
                return TaskError(
                    .crash,
                    "the worker closed its output or would not leave while \(deed), and was ended"
                )
            }
            return TaskError(.crash, "the worker died while \(deed): \(describe(exit))")
        }
        return TaskError(.oom, "the worker ran out of memory while \(deed): \(describe(exit))")
    }

    private static func lateMessage(_ wasFetch: Bool, microseconds: Int?) -> String {
        let time = microseconds.map { " after \(RunSummary.short(Double($0) / 1e6)) s" } ?? ""
        let deed = wasFetch ? "working on this task" : "processing this response"
        return
            "the worker was ended\(time): \(deed) took longer than --task-deadline, or it went silent over it"
    }

    /// Keeps the body that a worker died of, or was ended over, where the user wants that.
    private func keepBody(of item: RunItem, _ token: Int, after end: TaskEnd) -> String? {
        guard let folder = parts.crashFolder, end.exit != nil, let fetched = item.fetched else { return nil }
        let attempt = item.earlierTries.count + 1
        let path = spool?.body(of: fetched).flatMap {
            folder.keep($0, line: item.task.ordinal, attempt: attempt)
        }
        guard let path else {
            cannotKeepBody()
            return nil
        }
        if !folder.keep(linesToRepeat(token, fetched, attempt: attempt, body: path), beside: path) {
            cannotKeepBody()
        }
        return path
    }

    /// What a worker would have to read to process a response again whose body was kept: all that a coordinator sends it.
    private func linesToRepeat(
        _ token: Int,
        _ fetched: RunItem.Fetched,
        attempt: Int,
        body: String
    ) -> [UInt8] {
        var lines = JSONWriter()
        lines.writeInit(config: processingConfig)
        let line = fetched.line
        if let range = fetched.answer.response, var response = try? Response(reading: range, of: line.span) {
            if case .segment = response.body { response.body = .file(path: body, offset: 0) }
            var object = JSONWriter()
            response.write(into: &object)
            state.writeTask(token, seq: 1, attempt: attempt, response: object.bytes, into: &lines)
        }
        lines.writeDrain()
        return lines.bytes
    }

    // MARK: The fetch pool

    private func fetched(_ token: Int, _ answer: Answer, in line: Span<UInt8>, by worker: WorkerView) {
        if !processes, state.endWell(token, answer, in: line, by: worker, at: loop.now) { return }
        state.fetchesInFlight -= 1
        if let range = answer.record {
            relay(token, range, answer.retryAfterSeconds, in: line, by: worker)
            return
        }
        state.sink.count(fetched: answer)
        if settings.processes, answer.error == nil, let body = answer.body, body.bytes > 0,
            let response = answer.response
        {
            keep(token, answer, body, response, in: line, by: worker)
            return
        }
        guard let item = remove(token) else { return }
        guard let ending = settle(item, Self.ending(of: answer, in: line), answer) else { return }
        state.writeAnswered(item, ending, answer, in: line, by: worker)
    }

    /// Keeps a response for processing.
    private func keep(
        _ token: Int,
        _ answer: Answer,
        _ body: BodyPlace,
        _ response: Range<Int>,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        if let item = state.items[token] { endFetch(of: item, .good) }
        guard spool?.admits(body, of: worker.id.life, maxBytes: settings.fetch.maxBodyBytes) ?? false else {
            let error = TaskError(.workerProtocol, "its worker named a body that cannot be its own")
            guard let item = remove(token) else { return }
            return state.write(item, RecordSink.Ending(outcome: .fetchError, error: error))
        }
        let kept = RunItem.Fetched(
            line: line.array(0..<line.count),
            answer: answer,
            worker: worker,
            time: state.sink.timeOfTurn()
        )
        state.keep(kept, for: token)
        spool?.announce(body, responseBytes: response.count)
        waiting.append(token)
    }

    /// Passes on the record that a coordinator below has made.
    private func relay(
        _ token: Int,
        _ range: Range<Int>,
        _ retryAfterSeconds: Double?,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        guard let item = remove(token) else { return }
        guard let made = MadeRecord(range, in: line) else {
            let error = TaskError(
                .workerProtocol,
                "the coordinator below answered with a record that cannot be used"
            )
            endFetch(of: item, .unknown)
            state.write(item, RecordSink.Ending(outcome: .fetchError, error: error))
            return
        }
        let error = made.errorClass.map { TaskError($0, "the coordinator below got no answer") }
        endFetch(of: item, state.retryPolicy.end(of: made, retryAfterSeconds), error)
        let inside = line.extracting(range.lowerBound + 1..<range.upperBound - 1)
        state.write(item, made: made, retryAfterSeconds, inside: inside, by: worker)
    }

    /// How a fetch ended, by what its worker said.
    private static func ending(of answer: Answer, in line: Span<UInt8>) -> RecordSink.Ending {
        var ending = RecordSink.Ending(outcome: .ok, status: answer.status)
        ending.retryAfterSeconds = answer.retryAfterSeconds
        if answer.error != nil {
            // A program that does all by itself may say no more than a message.
            let name = answer.errorClass.flatMap { line.text(of: $0) } ?? []
            let named = ErrorClass(rawValue: String(decoding: name, as: UTF8.self))
            let error = taskError(of: answer, in: line, errorClass: named ?? .processor)
            (ending.outcome, ending.error) = (error.errorClass.outcomeOfFetch, error)
        } else if let error = answer.status.flatMap(TaskError.ofStatus) {
            (ending.outcome, ending.error) = (.httpError, error)
        } else if answer.status == nil, answer.result == nil {
            let error = TaskError(.workerProtocol, "the answer holds no status, result or error")
            (ending.outcome, ending.error) = (.fetchError, error)
        }
        return ending
    }

    private static func taskError(
        of answer: Answer,
        in line: Span<UInt8>,
        errorClass: ErrorClass
    ) -> TaskError {
        var message = "the worker gave no reason"
        if let range = answer.errorMessage {
            let value = JSONValue(kind: .string, range: range, isEscaped: true)
            if let text = line.text(of: value) { message = String(decoding: text, as: UTF8.self) }
        }
        return TaskError(errorClass, message, isRetryable: answer.isRetryable)
    }

    // MARK: The processing pool

    private func processed(
        _ task: AcceptedAnswer,
        _ answer: Answer,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        processingTimes.answer(task.token, by: worker, at: loop.now)
        guard let item = remove(task.token), let fetched = item.fetched else { return }
        var ending = RecordSink.Ending(outcome: .ok, status: fetched.answer.status)
        if answer.error != nil {
            (ending.outcome, ending.error) = (
                .processError, Self.taskError(of: answer, in: line, errorClass: .processor)
            )
        } else if answer.result == nil {
            let error = TaskError(.workerProtocol, "the processor's answer holds neither result nor error")
            (ending.outcome, ending.error) = (.processError, error)
        }
        let result = answer.result.map { line.array($0) }
        state.write(item, ending) { writer in
            let microseconds = task.nanosecondsInHand / 1_000
            self.writeFetched(fetched, of: item, processMicroseconds: microseconds, into: &writer)
            self.writeProcessor(worker, into: &writer)
            if let result { writer.recordResult(result.span) }
        }
    }

    /// Takes a task out of the run, and gives back what it held of the spool.
    private func remove(_ token: Int) -> RunItem? {
        guard let item = state.remove(token) else { return nil }
        if let fetched = item.fetched, let body = fetched.answer.body, let response = fetched.answer.response
        {
            spool?.release(body, responseBytes: response.count)
        }
        return item
    }

    private func writeFetched(
        _ fetched: RunItem.Fetched,
        of item: RunItem,
        processMicroseconds: Int? = nil,
        into writer: inout JSONWriter
    ) {
        let (answer, bytes) = (fetched.answer, fetched.line)
        let line = bytes.span
        let fields = answer.fields ?? 0..<0
        writer.recordFields(fields, timing: answer.timing, in: line, processMicroseconds: processMicroseconds)
        writer.recordFetchedAt(RecordTime(milliseconds: fetched.time))
        writeFetcher(fetched.worker, of: item, into: &writer)
    }

    /// Who fetched, and how often.
    private func writeFetcher(_ worker: WorkerView, of item: RunItem, into writer: inout JSONWriter) {
        writer.recordAttempt(item.fetches)
        if item.upstream == nil { writer.recordWorker(id: worker.id.slot, pid: worker.pid) }
    }

    private func writeProcessor(_ worker: WorkerView, into writer: inout JSONWriter) {
        writer.recordProcessor(name: parts.processorName, id: worker.id.slot, pid: worker.pid)
    }
}

extension JSONWriter {
    /// Writes how a worker died: signal or exit code.
    mutating func recordExit(_ exit: WorkerExit) {
        if let signal = exit.signal {
            name("signal")
            string(SignalName.of(signal))
        } else {
            name("exit_code")
            integer(exit.status)
        }
    }

    /// Writes what a worker that has ended said over the task, and the most memory it was seen to hold.
    mutating func recordLastWords(of exit: WorkerExit) {
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

    /// Writes where the body was kept.
    mutating func recordKeptBody(_ path: String) {
        name("body_path")
        string(path)
    }
}
