// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

/// The tasks of a run: those that were read, wait, or are under way, and the records of those that have ended.
///
/// No clock, no I/O: times are handed in, records lie in `sink` until they are taken. One value, so that what is done for each task costs one
/// access to the coordinator's storage. A task's text is in `texts` from the moment that it waits or begins until its record is written.
struct RunState: ~Copyable {
    /// What came of looking for a task to begin.
    enum Begun: Hashable {
        /// Nothing may begin of what was read.
        case nothing
        /// So much is written that it is to be handed on before more is.
        case recordsWait
        /// The record of an invalid line was written.
        case record
        /// A task, by its number in `items`.
        case task(PoolTask)
    }

    var frontier: Frontier
    var retryPolicy: RetryPolicy
    var chance: SplitMix64
    var items = RunItems()
    var sink: RecordSink
    private(set) var texts = TextStore()
    /// Why hosts were given up, by their numbers; of those that are not any more it says nothing.
    var verdicts: [Int: HostVerdict] = [:]
    /// Fetches that have begun and have no answer.
    var fetchesInFlight = 0
    /// Lines and tasks that were read.
    private(set) var inputsRead = 0
    /// Whether new tasks may begin.
    var mayBegin = false
    /// How long a fetch may take that does not say so itself, in milliseconds.
    private let usualFetchTime: Int
    /// What a fetch worker is allowed beside the fetch, in milliseconds.
    private let timeBesideFetch: Int
    /// True if those that get the tasks are told their ids; the bundled fetch worker has no use for them.
    private let namesTasks: Bool
    /// True if records are lines by themselves; kept, since each task asks and the form is an existential.
    let isPlain: Bool
    private var batch = InputBatch()
    /// The first message of the batch that was not looked at, and the first such refused line.
    private var next = (message: 0, refused: 0)
    /// When the turn that tasks are begun in began.
    var now = PoolTime(nanoseconds: 0)

    init(
        _ settings: RunSettings,
        _ form: any RecordForm = LineRecords(),
        seed: UInt64,
        clock: @escaping () -> Int = RecordTime.now
    ) {
        sink = RecordSink(form, clock: clock)
        frontier = Frontier(settings.hostRules)
        retryPolicy = RetryPolicy(settings.ownsHosts ? settings.retry : .none)
        chance = SplitMix64(seed: seed)
        usualFetchTime = settings.fetch.timeout.wholeMilliseconds
        timeBesideFetch = settings.timeBesideFetch
        namesTasks = !settings.workerCommands.isEmpty
        isPlain = form.isLine
    }

    /// Whether nothing that was read has still to begin.
    var isEmpty: Bool { next.message == batch.messages.count && frontier.isEmpty }

    /// Whether everything of the batch was looked at, and more may be read ahead.
    var wantsInput: Bool { mayBegin && next.message == batch.messages.count && !frontier.isFull }

    // MARK: In

    /// Takes a batch, after all of the one before was looked at.
    mutating func take(_ batch: InputBatch) {
        (self.batch, next) = (batch, (0, 0))
        inputsRead += batch.messages.count
    }

    /// Lets messages have their effect at once, whatever waits; tasks wait until they may begin.
    mutating func heed(_ batch: InputBatch) {
        take(batch)
        while let message = nextMessage() {
            switch message.kind {
            case .task, .refused: wait(message)
            case .recall: for task in frontier.withdrawNewest(max: message.number) { giveBack(task) }
            case .cancel: if let task = frontier.withdraw(reference: message.number) { giveBack(task) }
            }
        }
    }

    private mutating func nextMessage() -> InputBatch.Message? {
        guard next.message < batch.messages.count else { return nil }
        next.message += 1
        return batch.messages[next.message - 1]
    }

    private mutating func nextRefused() -> RefusedTask {
        next.refused += 1
        return batch.refused[next.refused - 1]
    }

    private mutating func giveBack(_ task: WaitingTask) {
        if task.refused == nil { texts.free(task.task.text) }
        sink.giveBack(reference: task.task.reference)
    }

    // MARK: What begins

    /// Begins the next task that may begin, or writes the record of an invalid line; up to `most` bytes of records may wait.
    mutating func beginNext(withRoomFor most: Int) -> Begun {
        guard mayBegin else { return .nothing }
        guard sink.pendingBytes <= most else { return .recordsWait }
        if let (task, ticket) = frontier.popNext(at: now) { return begin(task, ticket) }
        while !frontier.isFull, next.message < batch.messages.count {
            let place = next.message
            next.message += 1
            guard batch.messages[place].kind == .task else {
                sink.write(nextRefused(), reference: batch.messages[place].number)
                return .record
            }
            let host = host(ofMessageAt: place)
            if let ticket = frontier.pass(host, at: now) { return begin(messageAt: place, ticket) }
            if let ending = verdict(on: host) {
                write(WaitingTask(storedTask(at: place)), ending, at: now)
                return .record
            }
            wait(batch.messages[place], for: host)
            guard frontier.hasTurns, let (task, ticket) = frontier.popNext(at: now) else { continue }
            return begin(task, ticket)
        }
        return .nothing
    }

    private mutating func begin(_ waiting: WaitingTask, _ ticket: HostTicket) -> Begun {
        if let refused = waiting.refused {
            sink.write(refused, reference: waiting.task.reference)
            return .record
        }
        let begun = begin(waiting.task, ticket)
        if waiting.fetches > 0 {
            items.note(waiting.attemptsUntil(now), fetches: waiting.fetches + 1, for: begun.token)
        }
        return .task(begun)
    }

    private mutating func begin(messageAt place: Int, _ ticket: HostTicket) -> Begun {
        .task(begin(storedTask(at: place), ticket))
    }

    private mutating func begin(_ task: RunTask, _ ticket: HostTicket) -> PoolTask {
        fetchesInFlight += 1
        retryPolicy.countRequest()
        return PoolTask(
            token: items.add(task, ticket),
            mayRepeat: task.isIdempotent,
            bound: bound(of: task),
            // A worker that has talked to a host has a connection to it.
            affinity: task.host == 0 ? nil : Int(truncatingIfNeeded: task.host)
        )
    }

    /// How long a fetch worker may be without an answer while it has this task: longer than the fetch itself may take, and,
    /// where the worker may process as well, longer than that.
    private func bound(of task: RunTask) -> PoolTime.Milliseconds {
        let fetch = task.timeoutMilliseconds == 0 ? usualFetchTime : Int(task.timeoutMilliseconds)
        return PoolTime.Milliseconds(fetch + timeBesideFetch)
    }

    private mutating func wait(_ message: InputBatch.Message) {
        guard message.kind == .task else {
            return frontier.add(WaitingTask(nextRefused(), reference: message.number), of: 0, at: now)
        }
        wait(message, for: host(ofMessageAt: next.message - 1))
    }

    private mutating func wait(_ message: InputBatch.Message, for host: Int) {
        let task = storedTask(at: next.message - 1)
        frontier.add(WaitingTask(task), of: host, at: now)
    }

    private mutating func host(ofMessageAt place: Int) -> Int {
        guard batch.messages[place].task.host != 0 else { return 0 }
        let (message, bytes) = (batch.messages[place], batch.bytes)
        let name = bytes.span.extracting(message.hostName.range)
        return frontier.host(message.task.host, name: name, port: message.port, at: now)
    }

    /// The task of a message, its text in the store.
    private mutating func storedTask(at place: Int) -> RunTask {
        var task = batch.messages[place].task
        let text = Int(task.text.start)..<Int(task.text.start) + Int(task.text.count)
        let bytes = batch.bytes
        task.text = texts.store(bytes.span.extracting(text), isBare: batch.messages[place].isBare)
        return task
    }

    // MARK: What is under way

    /// Writes the line that sends a task to a fetch worker.
    ///
    /// It is `mutating` only so that access through the class copies nothing.
    mutating func writeTask(_ token: Int, seq: Int, into writer: inout JSONWriter) {
        guard items.isTaken(token) else { return }
        // A fetch that a dead worker took along is no attempt of the task's.
        let fetches = items.fetches(token)
        let id = namesTasks ? missingID(of: token) : nil
        texts.with(items.task(token).text) { object in
            writer.writeTask(seq: seq, attempt: fetches, task: object, id: id, response: nil)
        }
    }

    /// Writes the line that sends a task and its response to a processing worker.
    mutating func writeTask(
        _ token: Int,
        seq: Int,
        attempt: Int,
        response: [UInt8],
        into writer: inout JSONWriter
    ) {
        let id = missingID(of: token)
        texts.with(items.task(token).text) { object in
            writer.writeTask(seq: seq, attempt: attempt, task: object, id: id, response: response.span)
        }
    }

    /// The id of a task whose line does not say one; `nil` if it does, or whoever gave the task knows it by another.
    private func missingID(of token: Int) -> Int? {
        let task = items.task(token)
        return task.id.isEmpty && sink.form.isLine ? task.ordinal : nil
    }

    mutating func add(_ earlier: EarlierAttempt, to token: Int) { items.add(earlier, to: token) }

    mutating func keep(_ fetched: RunItem.Fetched, for token: Int) { items.keep(fetched, for: token) }

    /// Takes a task out of those under way; its text stays until its record is written, or `drop` is called.
    mutating func remove(_ token: Int) -> RunItem? { items.remove(token) }

    // MARK: Records

    /// Writes the record of a task that was removed; `middle` writes the members between the status and the error.
    mutating func write(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ middle: (inout JSONWriter) -> Void = { _ in }
    ) {
        texts.with(item.task.text) { sink.write(item, $0, ending, middle) }
        texts.free(item.task.text)
    }

    /// Writes the record of a task that was removed and that a child coordinator has made.
    mutating func write(
        _ item: RunItem,
        made: RelayedRecord,
        _ retryAfterSeconds: Double?,
        inside: Span<UInt8>,
        by worker: WorkerView
    ) {
        texts.with(item.task.text) { object in
            sink.write(item, object, made: made, retryAfterSeconds, inside: inside, by: worker)
        }
        texts.free(item.task.text)
    }

    /// Writes the record of a task that was removed and whose fetch worker's answer is final.
    mutating func writeAnswered(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ answer: Answer,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        texts.with(item.task.text) { sink.writeAnswered(item, $0, ending, answer, in: line, by: worker) }
        texts.free(item.task.text)
    }

    /// Writes the record of a task that waited to be fetched, for the first time or again, and will not be.
    mutating func write(_ waiting: WaitingTask, _ ending: RecordSink.Ending, at now: PoolTime) {
        var item = RunItem(task: waiting.task)
        item.earlierAttempts = waiting.attemptsUntil(now)
        write(item, ending) { $0.recordAttempt(waiting.fetches) }
    }

    /// Writes the record of a usual task, and takes it out of those under way: its fetch worker's answer is final, and `ok`.
    mutating func endUsual(_ token: Int, _ answer: Answer, in line: Span<UInt8>, by worker: WorkerView) {
        let (task, fetches) = (items.task(token), items.fetches(token))
        texts.with(task.text) { object in
            sink.writeUsual(task, object, fetches: fetches, answer, in: line, by: worker)
        }
        texts.free(task.text)
        items.removeUsual(token)
    }

    /// Lets go of a task that was removed and gets no record.
    mutating func drop(_ item: RunItem) { texts.free(item.task.text) }

    /// Gives each line that was read and has not begun its record, in order.
    mutating func cancelUnbegun(_ ending: RecordSink.Ending) {
        for waiting in frontier.withdrawAll() {
            if let refused = waiting.refused { sink.write(refused) } else { cancel(waiting.task, ending) }
        }
        while let message = nextMessage() {
            if message.kind == .task {
                cancel(storedTask(at: next.message - 1), ending)
            } else {
                sink.write(nextRefused())
            }
        }
    }

    private mutating func cancel(_ task: RunTask, _ ending: RecordSink.Ending) {
        write(RunItem(task: task), ending)
    }
}
