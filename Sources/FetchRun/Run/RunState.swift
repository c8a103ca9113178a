// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
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
        /// A line that asks for nothing got its record.
        case record
        /// A task, by its number in `items`.
        case task(Int)
    }

    var frontier: Frontier
    var retryPolicy: RetryPolicy
    var chance: ChanceSource
    var items = RunItems()
    var sink = RecordSink()
    private(set) var texts = TextStore()
    /// Fetches that have begun and have no answer.
    var fetchesInFlight = 0
    /// Lines and tasks that were read.
    private(set) var inputsRead = 0
    private var batch = InputBatch()
    /// The first message of the batch that was not looked at, and the first such refused line.
    private var next = (message: 0, refused: 0)
    /// When the turn that tasks are begun in began.
    var now = PoolTime(nanoseconds: 0)

    init(_ rules: HostRules?, _ retry: RetrySettings, seed: UInt64) {
        frontier = Frontier(rules)
        retryPolicy = RetryPolicy(retry)
        chance = ChanceSource(seed: seed)
    }

    /// Whether nothing that was read has still to begin.
    var isEmpty: Bool { next.message == batch.messages.count && frontier.isEmpty }

    /// Whether everything of the batch was looked at, and more may be read ahead.
    var wantsInput: Bool { next.message == batch.messages.count && !frontier.isFull }

    // MARK: In

    /// Takes a batch, after all of the one before was looked at.
    mutating func take(_ batch: InputBatch) {
        (self.batch, next) = (batch, (0, 0))
        inputsRead += batch.messages.count
    }

    /// Lets the messages of a coordinator above have their effect; its tasks wait until they may begin.
    mutating func heed(_ batch: InputBatch) {
        take(batch)
        while let message = nextMessage() {
            switch message.kind {
            case .task, .refused: wait(message)
            case .recall: for task in frontier.giveBack(max: message.number) { giveBack(task) }
            case .cancel: if let task = frontier.giveBack(upstream: message.number) { giveBack(task) }
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
        if let seq = task.upstream { sink.message { $0.writeReturned(seq: seq) } }
    }

    // MARK: What begins

    /// Begins the next task that may begin, or writes the record of a line that asks for nothing.
    mutating func beginNext() -> Begun {
        if let (task, ticket) = frontier.popNext(at: now) { return begin(task, ticket) }
        while !frontier.isFull, next.message < batch.messages.count {
            let place = next.message
            next.message += 1
            guard batch.messages[place].kind == .task else {
                sink.write(nextRefused())
                return .record
            }
            let host = host(ofMessageAt: place)
            if let ticket = frontier.pass(host, at: now) { return begin(messageAt: place, ticket) }
            wait(batch.messages[place], for: host)
            guard frontier.hasTurns, let (task, ticket) = frontier.popNext(at: now) else { continue }
            return begin(task, ticket)
        }
        return .nothing
    }

    private mutating func begin(_ waiting: WaitingTask, _ ticket: HostTicket) -> Begun {
        if let refused = waiting.refused {
            if let seq = waiting.upstream {
                sink.write(refused, upstream: seq)
            } else {
                sink.write(refused)
            }
            return .record
        }
        var item = RunItem(task: waiting.task, upstream: waiting.upstream)
        (item.ticket, item.fetches) = (ticket, waiting.fetches + 1)
        item.earlierTries = waiting.triesUntil(now)
        return begin(item)
    }

    private mutating func begin(messageAt place: Int, _ ticket: HostTicket) -> Begun {
        var item = RunItem(task: storedTask(at: place), upstream: batch.messages[place].upstream)
        item.ticket = ticket
        return begin(item)
    }

    private mutating func begin(_ item: RunItem) -> Begun {
        fetchesInFlight += 1
        retryPolicy.countRequest()
        return .task(items.add(item))
    }

    private mutating func wait(_ message: InputBatch.Message) {
        guard message.kind == .task else {
            return frontier.add(WaitingTask(nextRefused(), upstream: message.upstream), of: 0, at: now)
        }
        wait(message, for: host(ofMessageAt: next.message - 1))
    }

    private mutating func wait(_ message: InputBatch.Message, for host: Int) {
        let task = storedTask(at: next.message - 1)
        frontier.add(WaitingTask(task, upstream: message.upstream), of: host, at: now)
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

    /// Shows the text of a task under way.
    ///
    /// It changes nothing; but a look at the coordinator's storage that may change it copies nothing either.
    mutating func withText(of task: RunTask, _ body: (Span<UInt8>) -> Void) { texts.with(task.text, body) }

    mutating func add(_ earlier: EarlierTry, to token: Int) { items.add(earlier, to: token) }

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

    /// Writes the record of a task that was removed and that a coordinator below has made.
    mutating func write(_ item: RunItem, made: MadeRecord, inside: Span<UInt8>, by worker: WorkerView) {
        texts.with(item.task.text) { sink.write(item, $0, made: made, inside: inside, by: worker) }
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
        var item = RunItem(task: waiting.task, upstream: waiting.upstream)
        item.earlierTries = waiting.triesUntil(now)
        write(item, ending) { $0.recordAttempt(waiting.fetches) }
    }

    /// Lets go of a task that was removed and gets no record.
    mutating func drop(_ item: RunItem) { texts.free(item.task.text) }

    /// Gives each line that was read and has not begun its record, in order.
    mutating func cancelUnbegun() {
        for waiting in frontier.withdrawAll() {
            if let refused = waiting.refused { sink.write(refused) } else { cancel(waiting.task) }
        }
        while let message = nextMessage() {
            if message.kind == .task {
                cancel(storedTask(at: next.message - 1))
            } else {
                sink.write(nextRefused())
            }
        }
    }

    private mutating func cancel(_ task: RunTask) {
        write(RunItem(task: task, upstream: nil), .cancelled)
    }
}
