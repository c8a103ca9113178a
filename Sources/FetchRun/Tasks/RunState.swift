// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

/// The tasks of a run that have not ended, and the records of tasks that have ended.
///
/// The state does no I/O; records stay in `sink` until the caller takes them. The state is one value, so that
/// the work on a task costs one access to the run's storage. The text of a task stays in `texts` until the
/// task gets its record, is dropped or is given back.
struct RunState: ~Copyable {
    /// The result of a search for a task to begin.
    enum Begun: Hashable {
        /// None of the tasks that were read may begin now.
        case nothing
        /// Too many bytes of records wait in `sink`; the caller must first pass these records on.
        case recordsWait
        /// A record was written and no task begins: the line is invalid, the task repeats an earlier task, or
        /// the task's host is given up.
        case record
        case task(PoolTask)
    }

    var frontier: Frontier
    var retryPolicy: RetryPolicy
    var chance: SplitMix64
    var items = RunItems()
    var sink: RecordSink
    private(set) var texts = TextStore()
    /// The reasons for giving up hosts, by host number; a reason is valid only while its host is given up.
    var verdicts: [Int: HostVerdict] = [:]
    /// The outage of the proxy, if any; the outage has ended once a fetch reaches the proxy.
    var outage: ProxyOutage?
    /// True if the run waits for its proxy: the run has a proxy, decides about hosts, and uses the bundled
    /// fetch workers, which all have this proxy.
    let waitsForProxy: Bool
    /// The longest time to wait for a host or for the proxy, in nanoseconds.
    let patience: Int
    /// The number of fetches that have begun and have not ended.
    var fetchesInFlight = 0
    /// The number of messages in all batches that were taken.
    private(set) var inputsRead = 0
    /// The position in the input files at the end of the last batch whose `position` is known, in bytes; 0 if
    /// there is no such batch.
    private(set) var inputPosition = 0
    /// The number of tasks and invalid lines before `inputPosition` that the run has passed over because of
    /// `--resume`.
    private(set) var passed = 0
    /// True while new tasks may begin.
    var mayBegin = false
    /// The time limit of a fetch whose task sets none, in milliseconds.
    private let usualFetchTime: Int
    /// The time that a worker may take for a result in addition to the fetch's time limit, in milliseconds.
    private let timeBesideFetch: Int
    /// True if fetch workers get a line number as the id of each task without an id.
    private let namesTasks: Bool
    /// True if records are output lines without labels of machines, and no `RecordShape` changes the records
    /// or their order.
    ///
    /// The value is stored, because it is read for each task and a call through `form` costs more.
    let isPlain: Bool
    /// True if records leave in the order of the input.
    private let keepsOrder: Bool
    /// True if all tasks of a site should go to the same worker, because that worker has the site's cookies.
    private let keepsSites: Bool
    private var batch = InputBatch()
    /// The indices of the next message of the batch, and of the next element of `batch.refused`.
    private var next = (message: 0, refused: 0)
    /// The time at which the current turn of the pool loop (`PoolLoop`) began.
    var now = PoolTime(nanoseconds: 0)

    init(
        _ settings: RunSettings,
        _ form: any RecordForm = LineRecords(),
        seed: UInt64,
        clock: @escaping () -> Int = RecordTime.now
    ) {
        let shape = RecordShape(settings)
        sink = RecordSink(form, shape: shape, clock: clock)
        sink.workerHosts = settings.workerHosts
        frontier = Frontier(settings.hostRules)
        retryPolicy = RetryPolicy(settings.ownsHosts ? settings.retry : .none)
        chance = SplitMix64(seed: seed)
        usualFetchTime = settings.fetch.timeout.wholeMilliseconds
        timeBesideFetch = settings.timeBesideFetch
        namesTasks = !settings.workerCommands.isEmpty
        waitsForProxy = settings.fetch.proxy != nil && settings.hostRules != nil && !namesTasks
        patience = Int(min(settings.hostPatience, .seconds(1 << 30)) / .nanoseconds(1))
        isPlain = form.isLine && shape == nil && settings.workerHosts.isEmpty
        keepsOrder = settings.keepsOrder
        keepsSites = settings.fetch.keepsCookies
    }

    /// True while `waitingTasks` is 0.
    var isEmpty: Bool { next.message == batch.messages.count && frontier.isEmpty }

    /// The number of tasks and invalid lines that were read and wait to begin, or to begin again.
    var waitingTasks: Int { batch.messages.count - next.message + frontier.count }

    /// True if the next batch may be taken.
    var wantsInput: Bool { mayBegin && next.message == batch.messages.count && !frontier.isFull }

    // MARK: Input

    /// Takes a batch; all messages of the previous batch must have been taken.
    mutating func take(_ batch: InputBatch) {
        (self.batch, next) = (batch, (0, 0))
        if keepsOrder { self.batch.number(from: inputsRead) }
        inputsRead += batch.messages.count
        if batch.position > 0 { (inputPosition, passed) = (batch.position, batch.passed) }
    }

    /// Applies all messages of a batch; tasks wait until they may begin.
    ///
    /// If `mayReturn` is false, recalled or cancelled tasks are not given back, because no message may come
    /// before `hello`.
    ///
    /// - Returns: The references of the tasks whose `start` the parent coordinator has noted.
    mutating func apply(_ batch: InputBatch, mayReturn: Bool) -> [Int] {
        take(batch)
        var confirmed: [Int] = []
        while let message = nextMessage() {
            switch message.kind {
            case .task, .refused: wait(message)
            case .recall where mayReturn:
                for task in frontier.withdrawNewest(max: message.number) { giveBack(task) }
            case .cancel where mayReturn:
                if let task = frontier.withdraw(reference: message.number) { giveBack(task) }
            case .confirm: confirmed.append(message.number)
            case .recall, .cancel: break
            }
        }
        return confirmed
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

    // MARK: Starting tasks

    /// Begins the next task, or writes the record of a task that does not begin.
    ///
    /// The function does nothing while more than `most` bytes of records wait.
    mutating func beginNext(withRoomFor most: Int) -> Begun {
        guard mayBegin else { return .nothing }
        guard sink.pendingBytes <= most else { return .recordsWait }
        if outage != nil, !mayUseProxy() { return .nothing }
        if isWindowFull { return beginFirstUnended() }
        if let (task, ticket) = frontier.popNext(at: now) { return begin(task, ticket) }
        while !frontier.isFull, next.message < batch.messages.count, windowAdmitsNext {
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

    /// True while only the first task without a record may begin; see `RecordWindow`.
    var isWindowFull: Bool { keepsOrder && sink.window?.isFull == true }

    /// Returns true if a task in flight is the first task without a record, in a run that keeps the order.
    func isFirstUnended(_ token: Int) -> Bool {
        items.isTaken(token) && items.task(token).reference == sink.window?.firstUnended
    }

    private var windowAdmitsNext: Bool {
        guard keepsOrder, let window = sink.window else { return true }
        return window.admits(inputsRead - batch.messages.count + next.message)
    }

    private mutating func beginFirstUnended() -> Begun {
        guard let first = sink.window?.firstUnended,
            let (task, ticket) = frontier.pop(reference: first, at: now)
        else { return .nothing }
        return begin(task, ticket)
    }

    private mutating func begin(_ waiting: WaitingTask, _ ticket: HostTicket) -> Begun {
        if let refused = waiting.refused {
            sink.write(refused, reference: waiting.task.reference)
            return .record
        }
        let begun = begin(waiting.task, ticket)
        if waiting.failedAt != nil {
            items.note(waiting.attemptsUntil(now), fetches: waiting.fetches + 1, for: begun.token)
            if !waiting.lacksProxy { sink.countRetry() }
        }
        return .task(begun)
    }

    private mutating func begin(messageAt place: Int, _ ticket: HostTicket) -> Begun {
        .task(begin(storedTask(at: place), ticket))
    }

    private mutating func begin(_ task: RunTask, _ ticket: HostTicket) -> PoolTask {
        fetchesInFlight += 1
        outage?.noteFetch(at: now)
        retryPolicy.countRequest()
        return PoolTask(
            token: items.add(task, ticket),
            mayRepeat: task.isIdempotent,
            bound: bound(of: task),
            // A worker that has fetched from a host may have an open connection to it.
            affinity: task.host == 0
                ? nil
                : keepsSites && ticket.host != 0
                    ? frontier.site(of: ticket.host) : Int(truncatingIfNeeded: task.host)
        )
    }

    /// Returns the longest time that a fetch worker may let pass without a result while this task is the
    /// worker's oldest task.
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

    /// Copies the text of a message's task to `texts`; returns the task, which then refers to the copy.
    private mutating func storedTask(at place: Int) -> RunTask {
        var task = batch.messages[place].task
        let text = Int(task.text.start)..<Int(task.text.start) + Int(task.text.count)
        let bytes = batch.bytes
        task.text = texts.store(bytes.span.extracting(text), isBare: batch.messages[place].isBare)
        return task
    }

    // MARK: Tasks in flight

    /// Writes the line that sends a task to a fetch worker; writes nothing if no task has this token.
    mutating func writeTask(_ token: Int, seq: Int, into writer: inout JSONWriter) {
        guard items.isTaken(token) else { return }
        // If a task is sent again after the death of its worker, the number of fetches stays the same.
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

    /// Returns the line number as the id of a task; `nil` if the task has its own id, or came from a parent
    /// coordinator.
    private func missingID(of token: Int) -> Int? {
        let task = items.task(token)
        return task.id.isEmpty && sink.form.isLine ? task.ordinal : nil
    }

    mutating func add(_ earlier: EarlierAttempt, to token: Int) { items.add(earlier, to: token) }

    mutating func keep(_ fetched: RunItem.Fetched, for token: Int) { items.keep(fetched, for: token) }

    /// Removes and returns a task in flight; `nil` if no task has this token.
    ///
    /// The text of the task stays until the record of the task is written or `drop` is called.
    mutating func remove(_ token: Int) -> RunItem? { items.remove(token) }

    // MARK: Records

    /// Writes the record of a removed task; `middle` writes the members between the status and the earlier
    /// attempts.
    mutating func write(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ middle: (inout JSONWriter) -> Void = { _ in }
    ) {
        texts.with(item.task.text) { sink.write(item, $0, ending, middle) }
        texts.free(item.task.text)
    }

    /// Writes a child coordinator's record of a removed task.
    mutating func write(
        _ item: RunItem,
        made: RelayedRecord,
        _ ending: RecordSink.Ending,
        inside: Span<UInt8>,
        by worker: WorkerView
    ) {
        texts.with(item.task.text) { object in
            sink.write(item, object, made: made, ending, inside: inside, by: worker)
        }
        texts.free(item.task.text)
    }

    /// Writes the record of a removed task whose fetch worker has sent the final result.
    mutating func writeCompleted(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        texts.with(item.task.text) { sink.writeCompleted(item, $0, ending, message, in: line, by: worker) }
        texts.free(item.task.text)
    }

    /// Writes the record of a waiting task for which no more fetches will begin.
    mutating func write(_ waiting: WaitingTask, _ ending: RecordSink.Ending, at now: PoolTime) {
        var item = RunItem(task: waiting.task)
        item.earlierAttempts = waiting.attemptsUntil(now)
        write(item, ending) { $0.recordAttempt(waiting.fetches) }
        if waiting.fetches == 0 { sink.noteUnfetched(ending.outcome) }
    }

    /// Removes a task that is `ok` at the first attempt, and writes its record.
    mutating func endUsual(
        _ token: Int,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        let (task, fetches) = (items.task(token), items.fetches(token))
        texts.with(task.text) { object in
            sink.writeFast(task, object, fetches: fetches, message, in: line, by: worker)
        }
        texts.free(task.text)
        items.removeUsual(token)
    }

    /// Frees the text of a removed task that gets no record.
    mutating func drop(_ item: RunItem) { texts.free(item.task.text) }

    /// Writes the records of all tasks that wait to begin, with the given ending.
    ///
    /// Invalid lines and repeated tasks keep their own outcomes.
    mutating func cancelUnbegun(_ ending: RecordSink.Ending) {
        for waiting in frontier.withdrawAll() {
            if let refused = waiting.refused {
                sink.write(refused, reference: waiting.task.reference)
            } else {
                cancel(waiting.task, ending)
            }
        }
        while let message = nextMessage() {
            if message.kind == .task {
                cancel(storedTask(at: next.message - 1), ending)
            } else {
                sink.write(nextRefused(), reference: message.number)
            }
        }
    }

    private mutating func cancel(_ task: RunTask, _ ending: RecordSink.Ending) {
        write(RunItem(task: task), ending)
        sink.noteUnfetched(ending.outcome)
    }
}
