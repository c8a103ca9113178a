// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool

/// The sink that writes and counts all records of a run; the run takes the bytes and passes them to the
/// output.
struct RecordSink: ~Copyable {
    let form: any RecordForm
    private(set) var summary = RunSummary()
    private var writer = JSONWriter()
    /// The order and the members of records; `nil` if records leave unchanged, in the order in which they are
    /// written.
    private var shape: RecordShape?
    /// Returns the time for records, in milliseconds (`RunEnvironment.clock`).
    private let clock: () -> Int
    private var time = RecordTime()
    private var isTimeKnown = false

    /// The labels of the machines on which the fetch workers run (`RunSettings.workerHosts`).
    var workerHosts: [String] = []

    /// Creates a sink for records of one form; `clock` gives the time of records.
    init(
        _ form: any RecordForm = LineRecords(),
        shape: RecordShape? = nil,
        clock: @escaping () -> Int = RecordTime.now
    ) {
        (self.form, self.shape, self.clock) = (form, shape, clock)
    }

    /// The window of a run that keeps the order of the input; `nil` for any other run.
    var window: RecordWindow? {
        _read { yield shape?.window }
    }

    /// Lets all records that wait in `window` leave; call this function after the last record of the run.
    mutating func endOrder() { shape?.window?.skipUnended() }

    /// Passes the record in `writer` on to the `shape`, if there is one; `position` is the task's reference.
    @inline(__always)
    private mutating func pass(_ position: Int) {
        if shape != nil { shapeRecord(position) }
    }

    @inline(never)
    private mutating func shapeRecord(_ position: Int) { shape?.add(writer.take(), at: position) }

    /// The outcome of a record, and the record's HTTP status and error if there are any.
    struct Ending {
        var outcome: Outcome
        var status: Int?
        var error: TaskError?
        /// The time of `Retry-After`, in seconds; `nil` if there is none.
        ///
        /// This time is sent only to a parent coordinator, which applies the rules for hosts.
        var retryAfterSeconds: Double?
        /// False if the server has certainly not processed a request.
        ///
        /// This value is sent only to a parent coordinator, which decides about retries.
        var wasSent = true

        /// The ending of a task that is cancelled because the run ends.
        static let cancelled = Ending(
            outcome: .cancelled,
            error: TaskError(.cancelled, "the run ended before this task did")
        )
    }

    /// Writes one record; `object` is the task object, and `middle` writes the members between the status and
    /// the earlier attempts.
    mutating func write(
        _ item: RunItem,
        _ object: Span<UInt8>,
        _ ending: Ending,
        _ middle: (inout JSONWriter) -> Void = { _ in }
    ) {
        count(ending.outcome, ending.error?.errorClass, status: ending.status, item.task, object)
        form.begin(item.task, object, ending, into: &writer)
        writer.recordOutcome(ending.outcome, status: ending.status)
        middle(&writer)
        writer.recordAttempts(item.earlierAttempts)
        if let error = ending.error { writer.recordError(error) }
        form.end(item.task, object, into: &writer)
        pass(item.task.reference)
    }

    /// Writes the output line of a task that is `ok` at the first attempt.
    ///
    /// This fast path writes the same bytes as `writeCompleted`. The sink must have no shape and no labels of
    /// machines.
    mutating func writeFast(
        _ task: RunTask,
        _ object: Span<UInt8>,
        fetches: Int,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        summary.count(.ok, status: message.status)
        if task.replacedRecord != 0 { summary.countReplaced(task.replacedRecord) }
        learnTime()
        let time = time.text
        writer.value(of: object.count + line.count + Self.mostBesides) { room in
            Self.begin(task, object, &room)
            room.text(#","outcome":"ok""#)
            if let status = message.status {
                room.text(#","status":"#)
                room.number(status)
            }
            if let fields = message.fields, !fields.isEmpty {
                room.text(",")
                room.bytes(line.extracting(fields))
            }
            room.text(#","fetched_at":"#)
            room.bytes(time.span)
            room.text(#","attempt":"#)
            room.number(fetches)
            room.text(#","worker":{"id":"#)
            room.number(worker.id.slot)
            room.text(#","pid":"#)
            room.number(worker.pid)
            room.text("}")
            if let result = message.result {
                room.text(#","result":"#)
                room.bytes(line.extracting(result))
            }
            if !task.meta.isEmpty {
                room.text(#","meta":"#)
                room.bytes(object.extracting(task.meta.range))
            }
            room.text("}")
        }
        writer.endLine()
    }

    @inline(__always)
    private static func begin(_ task: RunTask, _ object: Span<UInt8>, _ room: inout JSONRoom) {
        room.text(#"{"v":1,"id":"#)
        if task.id.isEmpty {
            room.number(task.ordinal)
        } else {
            room.bytes(object.extracting(task.id.range))
        }
        room.text(#","url":"#)
        room.bytes(object.extracting(task.url.range))
        if let method = task.method {
            room.text(#","method":""#)
            room.text(method.word)
            room.text("\"")
        }
    }

    /// The number of bytes reserved for a record in addition to the lengths of the task object and of the
    /// worker's line; about 200 are needed.
    private static let mostBesides = 512

    /// Writes the record of a task whose fetch worker has sent the final result.
    mutating func writeCompleted(
        _ item: RunItem,
        _ object: Span<UInt8>,
        _ ending: Ending,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        learnTime()
        let (time, form, host) = (time, form, workerHosts.host(of: worker))
        write(item, object, ending) { writer in
            if let fields = message.fields { writer.recordFields(fields, timing: message.timing, in: line) }
            writer.recordFetchedAt(time)
            writer.recordAttempt(item.fetches)
            if form.isLine { writer.recordWorker(id: worker.id.slot, pid: worker.pid, host: host) }
            if let result = message.result { writer.recordResult(line.extracting(result)) }
        }
    }

    /// Writes the record of a child coordinator, with the members that only this run knows.
    ///
    /// The error of `ending`, if there is one, replaces the child's error. `inside` is the text between the
    /// braces of the child's record.
    mutating func write(
        _ item: RunItem,
        _ object: Span<UInt8>,
        made record: RelayedRecord,
        _ ending: Ending,
        inside: Span<UInt8>,
        by worker: WorkerView
    ) {
        count(record.outcome, ending.error?.errorClass, status: record.status, item.task, object)
        form.begin(item.task, object, ending, into: &writer)
        let changes = record.changes(for: item, ending.error)
        if changes.isEmpty {
            writer.raw(inside)
        } else {
            writer.raw(RelayedRecord.text(inside, with: changes))
        }
        if !record.hasAttempts { writer.recordAttempts(item.earlierAttempts) }
        if form.isLine {
            writer.recordWorker(id: worker.id.slot, pid: worker.pid, host: workerHosts.host(of: worker))
        }
        form.end(item.task, object, into: &writer)
        pass(item.task.reference)
    }

    /// Writes the record of an invalid line or of a repeated task.
    mutating func write(_ refused: RefusedTask, reference: Int = 0) {
        summary.count(refused.outcome, refused.error.errorClass, status: nil)
        summary.noteUnfetched(refused.outcome)
        if refused.replacedRecord != 0 { summary.countReplaced(refused.replacedRecord) }
        form.write(refused, reference, into: &writer)
        pass(reference)
    }

    /// Writes the message that returns an unbegun task to the parent coordinator.
    mutating func giveBack(reference: Int) { form.giveBack(reference, into: &writer) }

    /// Writes a message that is not a record.
    mutating func message(_ write: (inout JSONWriter) -> Void) { write(&writer) }

    /// Returns the time for all records of a turn of the pool loop (`PoolLoop`), in milliseconds since
    /// 1970-01-01T00:00:00Z.
    mutating func timeOfTurn() -> Int {
        learnTime()
        return time.milliseconds
    }

    /// Forgets the time; the sink reads the clock when it next needs the time.
    mutating func forgetTime() { isTimeKnown = false }

    @inline(__always)
    private mutating func learnTime() {
        if !isTimeKnown { lookAtClock() }
    }

    @inline(never)
    private mutating func lookAtClock() {
        time.set(milliseconds: clock())
        isTimeKnown = true
    }

    /// Counts the bytes, times and connections of a fetch.
    mutating func count(fetched message: ResultMessage) { count(FetchTraffic(message)) }

    /// Counts the bytes, times and connections of a fetch that a child coordinator has made.
    mutating func count(_ traffic: FetchTraffic) { summary.count(traffic) }

    /// Counts the record of a task; `object` is the task object.
    private mutating func count(
        _ outcome: Outcome,
        _ errorClass: ErrorClass?,
        status: Int?,
        _ task: RunTask,
        _ object: Span<UInt8>
    ) {
        summary.count(outcome, errorClass, status: status)
        if task.replacedRecord != 0 { summary.countReplaced(task.replacedRecord) }
        // The URL is read only for a failure of the host, because reading takes time. A parent coordinator
        // counts the failures of hosts itself.
        guard outcome.isFailureOfHost, form.isLine, task.host != 0,
            let host = HostKey(ofURL: object.extracting(task.url.range))
        else { return }
        summary.countFailure(of: host)
    }

    /// Sets `summary.journal` to `tally`, which counts the tasks of the output file after this run.
    mutating func takeJournal(afterThisRun tally: JournalTally) {
        summary.takeJournal(afterThisRun: tally, hasErrors: shape?.keepsErrors ?? true)
    }

    /// Subtracts from `summary` the records that could not be written.
    mutating func uncount(_ lines: [UInt8]) { summary.countUnwritten(lines) }

    /// Notes that the last written record belongs to a task that was not fetched.
    mutating func noteUnfetched(_ outcome: Outcome) { summary.noteUnfetched(outcome) }

    mutating func countRetry() { summary.retries += 1 }

    /// Counts a line of a worker that is not a message, or a result that the pool did not accept.
    mutating func countUnusableLine() { summary.unusableLines += 1 }

    /// Removes and returns some of the bytes that may leave; returns an empty array if there are none.
    mutating func takeLines() -> [UInt8] {
        if shape != nil, let lines = shape?.take(), !lines.isEmpty { return lines }
        return writer.isEmpty ? [] : writer.take()
    }

    /// The number of bytes that may leave.
    var pendingBytes: Int { writer.count + (shape?.pendingBytes ?? 0) }
}
