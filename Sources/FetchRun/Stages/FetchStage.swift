// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool
import Spool

/// The first stage, which selects the next fetch and handles each result.
///
/// This class is the client of the fetch pool. If responses are processed, a response with a body goes to the
/// second stage (`ProcessStage`). Any other final result becomes a record here.
final class FetchStage: PoolClient {
    private let context: RunContext
    private let next: ProcessStage?
    private let commands: [WorkerCommand]
    /// True if tasks may take the fast path: there is no parent coordinator, and responses are not processed.
    private let isDirect: Bool
    /// True if the run keeps cookies and sends them to its workers.
    private let keepsCookies: Bool
    /// True once the pool and all its workers have ended.
    private(set) var hasEnded = false

    /// The number of record bytes beyond which records go to the output before the end of a turn of the loop.
    static let flushBytes = 256 << 10
    /// The number of records without a fetch that one search for a task may write; the search then waits for
    /// the next turn of the loop.
    private static let mostRecordsAtOnce = 1_000

    /// Creates a stage; `next` processes the responses, or is `nil` if responses are not processed.
    init(_ context: RunContext, handingTo next: ProcessStage?, _ commands: [WorkerCommand]) {
        (self.context, self.next, self.commands) = (context, next, commands)
        isDirect = next == nil && context.port.form.isLine
        keepsCookies = context.session != nil
    }

    private var port: any RunPort { context.port }

    // MARK: Sending

    /// Returns the next task; `nil` if no task may begin now, or if the function has already written
    /// `mostRecordsAtOnce` records.
    ///
    /// If invalid lines, repeated tasks (`--dedupe`) or tasks of given-up hosts come before the task, the
    /// function writes their records.
    func nextTask() -> PoolTask? {
        // The fast path is separate, so that it makes no exclusivity checks for state that it does not use.
        if isDirect, !port.output.isFull,
            case .task(let task) = context.state.beginNext(withRoomFor: Self.flushBytes)
        {
            return task
        }
        return nextTaskAnyway()
    }

    @inline(never)
    private func nextTaskAnyway() -> PoolTask? {
        var written = 0
        while !port.output.isFull, hasRoomInSpool {
            if context.state.mayBegin, let task = port.nextAdmitted() { return task }
            switch context.state.beginNext(withRoomFor: Self.flushBytes) {
            case .nothing:
                // Input is read only while the frontier has space, so memory does not grow with the input.
                guard context.state.wantsInput, context.control.takeInput() else { return nil }
            case .recordsWait: context.control.flush()
            case .record:
                // Many lines can need a record and no fetch. After `mostRecordsAtOnce` of these records, the
                // search waits for the next turn, because limits and signals are checked in each turn.
                written += 1
                guard written < Self.mostRecordsAtOnce else {
                    context.control.needTurn()
                    return nil
                }
            case .task(let task):
                let reference = context.state.items.task(task.token).reference
                if port.admit(task, reference: reference, into: &context.state.sink) { return task }
            }
        }
        return nil
    }

    /// True if the spool lets a further fetch begin, if responses are not processed, or while the window of
    /// records (`RecordWindow`) is full.
    ///
    /// While the window is full, only the first task without a record may begin. This task begins even
    /// without space in the spool, because the responses in the spool wait for this task.
    private var hasRoomInSpool: Bool {
        next == nil || context.state.isWindowFull
            || context.spool?.hasRoom(inFlight: context.state.fetchesInFlight) ?? true
    }

    // A task begins only when the pool asks for it, so no further task is expected.
    var expectedTasks: Int { 0 }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        let settings = context.settings
        var fetch = settings.fetch
        fetch.workerNumber = worker.life
        fetch.spoolDirectory = context.spool?.directory.path
        if let spool = context.spool { fetch.segmentBytes = spool.segmentBytes }
        fetch.wantsResponses = next != nil
        if keepsCookies { fetch.cookies = context.session?.begin(worker.life) ?? [] }
        if !settings.workerCommands.isEmpty { fetch.memoryBytes = settings.workerMemoryBytes }
        var config = JSONWriter()
        fetch.write(into: &config)
        writer.writeInit(config: config.bytes, isRemote: !settings.workerCommands.isEmpty)
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        if keepsCookies, let news = context.session?.news(for: worker.id.life), !news.isEmpty {
            writer.writeCookies(news)
        }
        context.state.writeTask(token, seq: seq, into: &writer)
    }

    // MARK: Results

    func completed(
        _ task: AcceptedResult,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        if let (copy, same) = message.copyForRecord(of: line) {
            return completed(task, same, in: copy.span, by: worker)
        }
        let token = task.token
        if next == nil, context.state.endWell(token, message, in: line, by: worker, at: context.now) {
            return
        }
        context.state.fetchesInFlight -= 1
        if let range = message.record {
            relay(token, range, message, in: line, by: worker)
            return
        }
        context.state.sink.count(fetched: message)
        if let next, message.error == nil, let body = message.body, body.bytes > 0,
            message.response != nil
        {
            handOver(token, message, body, in: line, by: worker, to: next)
            return
        }
        context.spool?.noteOther()
        guard let item = context.remove(token),
            let ending = settle(item, Self.ending(of: message, in: line), message, in: line)
        else { return }
        context.state.writeCompleted(item, ending, message, in: line, by: worker)
    }

    /// Passes a response to the second stage, or writes a record with an error if the spool does not admit
    /// the body.
    private func handOver(
        _ token: Int,
        _ message: ResultMessage,
        _ body: BodyPlace,
        in line: Span<UInt8>,
        by worker: WorkerView,
        to next: ProcessStage
    ) {
        if let item = context.state.items[token] {
            endFetch(of: item, .good(message), took: message.totalMilliseconds)
        }
        let most = context.settings.fetch.maxBodyBytes
        guard context.spool?.admits(body, of: worker.id.life, maxBytes: most) ?? false else {
            let error = TaskError(
                .workerProtocol,
                "the worker named a body that is too large or not in its own part of the spool"
            )
            context.spool?.noteOther()
            guard let item = context.remove(token) else { return }
            return context.state.write(item, RecordSink.Ending(outcome: .fetchError, error: error))
        }
        let fetched = RunItem.Fetched(
            line: line.array(0..<line.count),
            message: message,
            worker: worker,
            time: context.state.sink.timeOfTurn(),
            attemptsBefore: context.state.items[token]?.earlierAttempts.count ?? 0
        )
        context.state.keep(fetched, for: token)
        context.spool?.announce(body, memoryBytes: context.state.items.heldBytes(token))
        next.take(token)
    }

    /// Writes the record that a child coordinator has made, or lets the task wait for a retry.
    ///
    /// If the child's record cannot be used, the function writes a record with an error.
    private func relay(
        _ token: Int,
        _ range: Range<Int>,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        guard let item = context.remove(token) else { return }
        guard let made = RelayedRecord(range, in: line) else {
            let error = TaskError(
                .workerProtocol,
                "the child coordinator sent a record that cannot be used"
            )
            endFetch(of: item, .unknown, took: nil)
            context.state.write(item, RecordSink.Ending(outcome: .fetchError, error: error))
            return
        }
        context.state.sink.count(made.traffic)
        let end = context.state.retryPolicy.end(of: made, message.retryAfterSeconds, at: range, in: line)
        var ending = RecordSink.Ending(outcome: made.outcome, status: made.status, error: made.error)
        (ending.retryAfterSeconds, ending.wasSent) = (message.retryAfterSeconds, message.wasSent)
        if let error = made.error {
            let failure = RunState.Failure(
                end: end,
                error: error,
                status: made.status,
                retryAfterSeconds: message.retryAfterSeconds,
                wasSent: message.wasSent,
                totalMilliseconds: made.traffic.totalMilliseconds
            )
            // A child coordinator does not retry, so this run decides whether to retry.
            guard let final = settle(item, ending, failure) else { return }
            ending = final
        } else {
            endFetch(of: item, end, took: made.traffic.totalMilliseconds)
        }
        let inside = line.extracting(range.lowerBound + 1..<range.upperBound - 1)
        context.state.write(item, made: made, ending, inside: inside, by: worker)
    }

    /// Ends a fetch that has a result.
    ///
    /// - Returns: The ending of the task; `nil` if the task waits to be fetched again, or was cancelled.
    private func settle(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ message: ResultMessage,
        in line: Span<UInt8>
    ) -> RecordSink.Ending? {
        let end = context.state.retryPolicy.end(of: message, ending.error, in: line)
        guard let error = ending.error else {
            endFetch(of: item, end, took: message.totalMilliseconds)
            return ending
        }
        let failure = RunState.Failure(
            end: end,
            error: error,
            status: message.status,
            retryAfterSeconds: message.retryAfterSeconds,
            wasSent: message.wasSent,
            totalMilliseconds: message.totalMilliseconds
        )
        return settle(item, ending, failure)
    }

    private func settle(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ failure: RunState.Failure
    ) -> RecordSink.Ending? {
        let final = context.state.settle(item, ending, failure, at: context.now)
        if context.control.isEnding { context.state.cancelRetries(at: context.now) }
        return final
    }

    /// Ends a fetch that is not retried.
    private func endFetch(of item: RunItem, _ end: FetchEnd, took milliseconds: Double?) {
        context.state.endFetch(of: item, end, took: milliseconds, at: context.now)
    }

    /// Returns the ending for the result of a fetch worker.
    private static func ending(of message: ResultMessage, in line: Span<UInt8>) -> RecordSink.Ending {
        var ending = RecordSink.Ending(outcome: .ok, status: message.status)
        (ending.retryAfterSeconds, ending.wasSent) = (message.retryAfterSeconds, message.wasSent)
        if message.error != nil {
            // A worker of the user can send an error without a class, or with its own class.
            let name = message.errorClass.flatMap { line.text(of: $0) } ?? []
            let named = ErrorClass(rawValue: String(decoding: name, as: UTF8.self))
            let error = TaskError.said(by: message, in: line, named ?? .processor)
            (ending.outcome, ending.error) = (error.errorClass.outcomeOfFetch, error)
        } else if let error = message.status.flatMap({ TaskError.ofStatus($0) }) {
            (ending.outcome, ending.error) = (.httpError, error)
        } else if message.status == nil, message.result == nil {
            let error = TaskError(.workerProtocol, "the worker's result has no status, result or error")
            (ending.outcome, ending.error) = (.fetchError, error)
        }
        return ending
    }

    // MARK: Tasks without a result

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {
        context.state.add(EarlierAttempt(exit, nanosecondsInHand: nanosecondsInHand), to: token)
    }

    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {
        context.state.fetchesInFlight -= 1
        context.spool?.noteOther()
        guard let item = context.remove(token) else { return }
        endFetch(of: item, .unknown, took: nil)
        let ending = end.ending(
            of: .fetching,
            status: nil,
            microseconds: nil,
            isLimited: !context.settings.workerCommands.isEmpty
        )
        let time = RecordTime(milliseconds: context.state.sink.timeOfTurn())
        context.write(item, ending, after: end) { writer in
            guard let worker else { return }
            if !end.isCancellation { writer.recordFetchedAt(time) }
            context.writeFetcher(worker, of: item, into: &writer)
            writer.recordWorkerEnd(end)
        }
    }

    /// Cancels the tasks that wait until the parent coordinator has their `start` message.
    func cancelHeld() {
        for task in port.takeHeld() { ended(task.token, .cancelled, by: nil) }
    }

    // MARK: Workers

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        context.note(note, of: worker, "fetcher")
        switch note {
        case .ended:
            context.spool?.workerEnded(worker.id.life)
            context.session?.end(worker.id.life)
        case .beat(let beat):
            if keepsCookies, !beat.cookies.isEmpty { take(beat.cookies, from: worker) }
            // Only the bundled fetch workers write to the spool.
            guard context.settings.workerCommands.isEmpty,
                let broken = context.spool?.apply(beat, of: worker.id.life, at: context.now)
            else { return }
            context.control.fail(.io(broken.description))
        case .started, .errorLine, .strayResult, .unusableLine: break
        }
    }

    /// Stores the cookies that a worker has sent, and sends them to the parent coordinator, if there is one.
    private func take(_ cookies: [String], from worker: WorkerView) {
        context.session?.take(cookies, from: worker.id.life)
        if !port.form.isLine { context.state.sink.message { $0.writeBeat(Beat(cookies: cookies)) } }
    }

    func poolEnded(_ end: PoolEnd) {
        hasEnded = true
        context.control.needTurn()
        guard case .cannotStart(let worker, let exit) = end else { return }
        context.control.cannotStart(commands[worker.slot % commands.count], exit)
    }
}

extension ResultMessage {
    /// Returns a copy of the line for use in a record, and this result as read from the copy.
    ///
    /// The copy has no line breaks, and no members that are `null` in `fields`. The function returns `nil` if
    /// the line needs no copy (`needsCopy`), or if the copy cannot be read.
    ///
    /// Some readers also end lines at CR, U+0085, U+2028 and U+2029; a record must be one line for these
    /// readers too. In a record, a member without a value is absent.
    func copyForRecord(of line: Span<UInt8>) -> (copy: [UInt8], same: ResultMessage)? {
        guard needsCopy else { return nil }
        let copy = SingleLine.copy(of: line)
        guard case .result(let same)? = try? WorkerMessage.read(copy.span) else { return nil }
        guard same.needsCopy else { return (copy, same) }
        let short = same.lineWithoutNullFields(copy.span)
        guard case .result(let last)? = try? WorkerMessage.read(short.span) else { return nil }
        return (short, last)
    }
}
