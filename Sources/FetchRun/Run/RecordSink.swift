// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import ProcessPool

/// The one place that records leave through: each is written, counted, and handed to the output thread at the end of
/// the turn.
///
/// A line of input gets a record; a task of a coordinator above gets an answer that holds the same members.
struct RecordSink {
    private(set) var summary = RunSummary()
    private var writer = JSONWriter()

    /// What a record says beside what its task does.
    struct Ending {
        var outcome: Outcome
        var status: Int?
        var error: TaskError?
    }

    /// Writes one record; `middle` writes the members between the status and the error.
    mutating func write(_ item: RunItem, _ ending: Ending, _ middle: (inout JSONWriter) -> Void) {
        summary.count(ending.outcome, ending.error?.errorClass)
        open(item)
        writer.recordOutcome(ending.outcome, status: ending.status)
        middle(&writer)
        writer.recordAttempts(item.earlierTries)
        if let error = ending.error { writer.recordError(error) }
        close(item)
    }

    /// Writes the record that a coordinator below has made; `inside` is what stands between its braces.
    mutating func write(_ item: RunItem, made record: MadeRecord, inside: Span<UInt8>, by worker: WorkerView)
    {
        summary.count(record.outcome, record.errorClass)
        summary.count(bodyBytes: record.bodyBytes, totalMilliseconds: record.totalMilliseconds)
        open(item)
        writer.raw(inside)
        if item.upstream == nil { writer.recordWorker(id: worker.id.slot, pid: worker.pid) }
        close(item)
    }

    /// What the record of a task says that the run did not end.
    static let cancelled = TaskError(.cancelled, "the run ended before this task did")

    /// Writes the record of a task that never began.
    mutating func write(cancelled item: RunItem) {
        write(item, Ending(outcome: .cancelled, error: Self.cancelled)) { _ in }
    }

    /// Writes the record of a task that waited to be fetched, for the first time or again, and will not be.
    mutating func write(_ waiting: WaitingTask, _ ending: Ending, at now: PoolTime) {
        guard case .task(let task) = waiting.line else { return }
        var item = RunItem(task: task, upstream: waiting.upstream)
        item.earlierTries = waiting.triesUntil(now)
        write(item, ending) { $0.recordAttempt(waiting.fetches) }
    }

    /// Writes the record of a line that became no task.
    mutating func write(_ refused: RefusedTask) {
        summary.count(.invalid, refused.error.errorClass)
        writer.writeRecord(of: refused)
    }

    /// Writes the answer to a task of a coordinator above that became no task here.
    mutating func write(_ refused: RefusedTask, upstream seq: Int) {
        summary.count(.invalid, refused.error.errorClass)
        writer.beginAnswer(seq: seq)
        writer.name("record")
        writer.beginObject()
        writer.recordOutcome(.invalid, status: nil)
        writer.recordError(refused.error)
        writer.endObject()
        writer.endAnswer()
    }

    /// Writes a message of the protocol, as a worker.
    mutating func message(_ write: (inout JSONWriter) -> Void) { write(&writer) }

    /// Counts what a fetch brought.
    mutating func count(fetched answer: Answer) { summary.count(fetched: answer) }

    /// Counts a fetch that is to be begun again.
    mutating func countRetry() { summary.retries += 1 }

    /// Counts a line of a worker that was no message.
    mutating func countUnusableLine() { summary.unusableLines += 1 }

    /// Takes the lines of this turn; empty if there are none.
    mutating func takeLines() -> [UInt8] { writer.bytes.isEmpty ? [] : writer.take() }

    /// The bytes written since lines were last taken.
    var pendingBytes: Int { writer.bytes.count }

    private mutating func open(_ item: RunItem) {
        guard let seq = item.upstream else { return writer.beginRecord(of: item.task) }
        writer.beginAnswer(seq: seq)
        writer.name("record")
        writer.beginObject()
    }

    private mutating func close(_ item: RunItem) {
        guard item.upstream != nil else { return writer.endRecord(of: item.task) }
        writer.endObject()
        writer.endAnswer()
    }
}

/// What a coordinator below says of a record that it made: the few members that are counted here.
struct MadeRecord {
    let outcome: Outcome
    let errorClass: ErrorClass?
    let status: Int?
    let bodyBytes: Int?
    let totalMilliseconds: Double?

    /// Reads the record at `range`; `nil` if it names no outcome, or a member that only this level may write.
    init?(_ range: Range<Int>, in line: Span<UInt8>) {
        let reserved: [StaticString] = ["v", "id", "url", "meta", "worker"]
        let record = JSONValue(kind: .object, range: range)
        var (outcome, errorClass): (Outcome?, ErrorClass?) = (nil, nil)
        var (status, bodyBytes, totalMilliseconds): (Int?, Int?, Double?) = (nil, nil, nil)
        do throws(JSONSyntaxError) {
            var scanner = JSONScanner(at: record.range.lowerBound)
            try scanner.enterObject(in: line)
            while let member = try scanner.nextMember(in: line) {
                for name in reserved where line.isName(member, name) { return nil }
                let isObject = member.value.kind == .object
                if line.isName(member, "outcome") {
                    outcome = Self.text(member.value, line).flatMap(Outcome.init)
                } else if line.isName(member, "status") {
                    status = line.integer(of: member.value)
                } else if line.isName(member, "error"), isObject,
                    let value = try line.member("class", of: member.value)
                {
                    errorClass = Self.text(value, line).flatMap(ErrorClass.init)
                } else if line.isName(member, "bytes"), isObject,
                    let value = try line.member("body", of: member.value)
                {
                    bodyBytes = line.integer(of: value)
                } else if line.isName(member, "timing"), isObject,
                    let value = try line.member("total_ms", of: member.value)
                {
                    // As in a fetch worker's answer, so that no number said there is too large to be counted.
                    totalMilliseconds = line.double(of: value).flatMap { $0 < 0 ? nil : min($0, 1e9) }
                }
            }
        } catch {
            return nil
        }
        guard let outcome else { return nil }
        (self.outcome, self.errorClass) = (outcome, errorClass)
        (self.status, self.bodyBytes, self.totalMilliseconds) = (status, bodyBytes, totalMilliseconds)
    }

    private static func text(_ value: JSONValue, _ line: Span<UInt8>) -> String? {
        line.text(of: value).map { String(decoding: $0, as: UTF8.self) }
    }
}
