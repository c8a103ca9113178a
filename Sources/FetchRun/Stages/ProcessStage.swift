// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Glibc
import Platform
import PoolWire
import ProcessPool
import Spool

/// The second stage, which sends responses to processing workers and handles the results.
final class ProcessStage: PoolClient {
    private let context: RunContext
    private let command: WorkerCommand
    private let processorName: String
    private let crashFolder: CrashFolder?
    private let console: Console
    /// The tokens of the tasks whose responses wait, in the order in which the responses came.
    private var waiting = Deque<Int>()
    private var times = ProcessingTimes()
    private var hasMissedBody = false
    /// True once the pool and all its workers have ended.
    private(set) var hasEnded = false

    /// Creates a stage whose workers run `command`; `crashFolder` is the folder for kept bodies, if any.
    init(
        _ context: RunContext,
        _ command: WorkerCommand,
        named processorName: String,
        crashFolder: CrashFolder?,
        _ console: Console
    ) {
        (self.context, self.command, self.processorName) = (context, command, processorName)
        (self.crashFolder, self.console) = (crashFolder, console)
    }

    /// True while no response waits.
    var isEmpty: Bool { waiting.isEmpty }

    /// The number of responses that wait.
    var waitingCount: Int { waiting.count }

    /// Adds a task whose response waits for processing.
    func take(_ token: Int) { waiting.append(token) }

    // MARK: Sending

    func nextTask() -> PoolTask? {
        // Results may be larger than the responses, so no response is sent while the output is full.
        guard !context.port.output.isFull else { return nil }
        let bound = PoolTime.Milliseconds(context.settings.timeOfProcessing)
        return nextToken().map { PoolTask(token: $0, mayRepeat: true, bound: bound) }
    }

    /// Removes and returns the token of the next waiting task whose processing may begin; `nil` if there is
    /// none.
    ///
    /// While the window of records (`RecordWindow`) is full, only the processing of the window's first task
    /// may begin. There are two exceptions, in which each waiting task may begin:
    ///
    /// - The run ends early. The first task may never get a response then.
    /// - The spool is full or broken. The body of the first task may then need the space of the responses
    ///   that wait.
    private func nextToken() -> Int? {
        guard context.state.isWindowFull, !context.control.isEnding, context.spool?.isFileSystemFull != true
        else { return waiting.popFirst() }
        var (others, first): (Deque<Int>, Int?) = (Deque(), nil)
        while let token = waiting.popFirst() {
            if context.state.isFirstUnended(token) { first = token } else { others.append(token) }
        }
        waiting = others
        return first
    }

    // Each fetch in flight can bring a response, and a worker for this response can start before it comes.
    var expectedTasks: Int { context.state.fetchesInFlight }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        writer.writeInit(config: config)
    }

    /// The settings in the `init` message of a worker, as JSON.
    private var config: [UInt8] {
        var config = JSONWriter()
        config.beginObject()
        if case .bundled(let name) = context.settings.processing {
            config.name("processor")
            config.string(name)
        }
        if let limit = context.settings.workerMemoryBytes {
            config.name("memory_bytes")
            config.integer(limit)
        }
        config.endObject()
        return config.bytes
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        guard let fetched = context.state.items[token]?.fetched else { return }
        times.send(token, at: context.now)
        let response = response(for: fetched)
        context.state.writeTask(token, seq: seq, attempt: attempt, response: response, into: &writer)
    }

    /// Returns the response as JSON for the worker; `{}` if there is no response.
    ///
    /// If the body is in the spool, `body_path` replaces the member that names the body's segment. A segment
    /// is a file of the spool.
    private func response(for fetched: RunItem.Fetched) -> [UInt8] {
        guard let range = fetched.message.response else { return Array("{}".utf8) }
        let line = fetched.line
        guard case .spooled(let segment, _, _, let member) = fetched.message.body, let spool = context.spool
        else {
            return Array(line[range])
        }
        var path = JSONWriter()
        path.name("body_path")
        path.string(spool.directory.file(of: segment))
        return line[range.lowerBound..<member.lowerBound] + path.bytes
            + line[member.upperBound..<range.upperBound]
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
        if message.error != nil, failsForLostSpool(task.token) {
            return ended(task.token, .cancelled, by: worker)
        }
        times.complete(task.token, by: worker, at: context.now)
        guard let item = context.remove(task.token), let fetched = item.fetched else { return }
        var ending = RecordSink.Ending(outcome: .ok, status: fetched.message.status)
        if message.error != nil {
            let error = TaskError.said(by: message, in: line, .processor)
            (ending.outcome, ending.error) = (.processError, error)
        } else if message.result == nil {
            let error = TaskError(
                .workerProtocol,
                "the processor's result message has no result and no error"
            )
            (ending.outcome, ending.error) = (.processError, error)
        }
        let result = message.result.map { line.array($0) }
        context.state.write(item, ending) { writer in
            let microseconds = task.nanosecondsInHand / 1_000
            self.write(fetched, of: item, processMicroseconds: microseconds, into: &writer)
            self.writeProcessor(worker, into: &writer)
            if let result { writer.recordResult(result.span) }
        }
    }

    /// Ends the run and returns true if the file with a task's body is missing in the spool.
    ///
    /// Another program has then removed the file. The page is not to blame for an error or a death of its
    /// processor.
    private func failsForLostSpool(_ token: Int) -> Bool {
        guard let spool = context.spool,
            case .spooled(let segment, _, _, _)? = context.state.items[token]?.fetched?.message.body,
            spool.directory.lacks(segment)
        else { return false }
        let path = spool.directory.path
        context.control.fail(
            .io("the spool '\(path)' was removed during the run; name another folder with --spool")
        )
        return true
    }

    private func write(
        _ fetched: RunItem.Fetched,
        of item: RunItem,
        processMicroseconds: Int?,
        into writer: inout JSONWriter
    ) {
        let (message, bytes) = (fetched.message, fetched.line)
        let line = bytes.span
        let fields = message.fields ?? 0..<0
        writer.recordFields(
            fields,
            timing: message.timing,
            in: line,
            processMicroseconds: processMicroseconds
        )
        writer.recordFetchedAt(RecordTime(milliseconds: fetched.time))
        context.writeFetcher(fetched.worker, of: item, into: &writer)
    }

    private func writeProcessor(_ worker: WorkerView, into writer: inout JSONWriter) {
        writer.recordProcessor(name: processorName, id: worker.id.slot, pid: worker.pid)
    }

    // MARK: Tasks without a result

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {
        context.state.add(EarlierAttempt(exit, nanosecondsInHand: nanosecondsInHand), to: token)
    }

    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {
        var end = isSentFromOutside(end) ? .cancelled : end
        if end != .cancelled, failsForLostSpool(token) { end = .cancelled }
        // The body is read first, because `remove` releases it in the spool.
        let kept = context.state.items[token].flatMap { keepBody(of: $0, token, after: end) }
        let inHand = times.end(token, by: worker, at: context.now)
        guard let item = context.remove(token) else { return }
        let ending = end.ending(
            of: .processing,
            status: item.fetched?.message.status,
            microseconds: inHand
        )
        context.write(item, ending, after: end) { writer in
            if let fetched = item.fetched {
                write(fetched, of: item, processMicroseconds: inHand, into: &writer)
            }
            guard let worker else { return }
            writeProcessor(worker, into: &writer)
            writer.recordWorkerEnd(end)
            guard let kept else { return }
            writer.name("body_path")
            writer.string(kept)
        }
    }

    /// Returns true if the same sender has probably sent a signal to this run and to the worker that died.
    ///
    /// systemd and Slurm send SIGTERM to all processes of a run, and a terminal that closes sends SIGHUP.
    private func isSentFromOutside(_ end: TaskEnd) -> Bool {
        guard case .crashed(let exit) = end, context.control.isEnding, !exit.wasStopped, !exit.isOutOfMemory
        else { return false }
        return exit.signal.map { [SIGTERM, SIGINT, SIGHUP].contains($0) } ?? false
    }

    /// Cancels the tasks whose responses wait.
    func cancelWaiting() {
        while let token = waiting.popFirst() {
            ended(token, .cancelled, by: nil)
            // Without this flush, the records of all waiting tasks would be in one array, which grows by
            // copying.
            if context.state.sink.pendingBytes > FetchStage.flushBytes { context.control.flush() }
        }
    }

    /// Keeps the body of a response whose processing worker has ended.
    ///
    /// - Returns: The path of the body; `nil` if no body was kept.
    private func keepBody(of item: RunItem, _ token: Int, after end: TaskEnd) -> String? {
        guard let crashFolder, end.exit != nil, let fetched = item.fetched else { return nil }
        // `attempt` counts only the attempts of processing; `earlierAttempts` also has the failed fetches.
        let attempt = item.earlierAttempts.count - fetched.attemptsBefore + 1
        guard let body = context.spool?.body(fetched.message, in: fetched.line) else {
            tellOfLoss("a body", "it could not be read from the spool")
            return nil
        }
        guard let path = crashFolder.keep(body, line: item.task.ordinal, attempt: attempt) else {
            tellOfLoss("a body", lastSystemError())
            return nil
        }
        if !crashFolder.keep(linesToRepeat(token, fetched, attempt: attempt, body: path), beside: path) {
            tellOfLoss("the .task file of a body", lastSystemError())
        }
        return path
    }

    /// Reports that a body or its `.task` file could not be kept: once in a run, and never with `--quiet`.
    private func tellOfLoss(_ subject: String, _ reason: String) {
        guard !hasMissedBody, !context.settings.isQuiet else { return }
        hasMissedBody = true
        console.say("fetchpool: --crash-dir: \(subject) could not be kept: \(reason)", .warning)
    }

    /// Returns all lines that a worker must read to process a kept body again.
    private func linesToRepeat(
        _ token: Int,
        _ fetched: RunItem.Fetched,
        attempt: Int,
        body: String
    ) -> [UInt8] {
        var lines = JSONWriter()
        lines.writeInit(config: config)
        let line = fetched.line
        if let range = fetched.message.response, var response = try? Response(reading: range, of: line.span) {
            if case .segment = response.body { response.body = .file(path: body, offset: 0) }
            var object = JSONWriter()
            response.write(into: &object)
            context.state.writeTask(token, seq: 1, attempt: attempt, response: object.bytes, into: &lines)
        }
        lines.writeDrain()
        return lines.bytes
    }

    // MARK: Workers

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        context.note(note, of: worker, "processor")
        if case .ended = note { times.end(of: worker, at: context.now) }
    }

    func poolEnded(_ end: PoolEnd) {
        hasEnded = true
        context.control.needTurn()
        guard case .cannotStart(_, let exit) = end else { return }
        context.control.cannotStart(command, exit)
    }
}
