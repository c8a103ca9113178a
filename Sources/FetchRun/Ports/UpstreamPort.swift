// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Glibc
import Platform
import PoolWire
import ProcessPool

/// A port that reads tasks from a parent coordinator, and sends results to it.
final class UpstreamPort: RunPort {
    /// The connection to the parent coordinator.
    struct Link {
        /// The reader of the parent's messages.
        let input: SupervisedInput
        /// The descriptor to write results to.
        let output: Int32
    }

    /// A task that may not be repeated, and whose `start` message is not completely written yet.
    private struct Announced {
        let task: PoolTask
        /// The number of output bytes that must be written before the parent coordinator has the message.
        let heardAfter: Int
    }

    let input: InputQueue
    let output: any RecordOutput
    let form: any RecordForm = AnswerRecords()
    private let start: () -> Void
    private let concurrency: Int
    /// True once `hello` was sent; no task begins before.
    private var hasGreeted = false
    /// The tasks whose `start` message is being written, in order.
    private var announced = Deque<Announced>()
    /// The number of bytes given to the output.
    private var bytesHandedOn = 0
    private var lastBeat = PoolTime(nanoseconds: 0)

    /// Creates a port for a run with up to `concurrency` fetches in flight; `startReading` is called to start
    /// reading.
    init(
        input: InputQueue,
        output: any RecordOutput,
        concurrency: Int,
        startReading: @escaping () -> Void
    ) {
        (self.input, self.output, start) = (input, output, startReading)
        self.concurrency = concurrency
    }

    func startReading() { start() }
    var isOpen: Bool { hasGreeted }
    // The parent coordinator may recall a task as soon as it was read.
    var isHeededAtOnce: Bool { true }
    var judgesRecords: Bool { false }

    // MARK: Starting tasks

    /// Sends `start` for a task that may not be repeated; the task begins when the message is written.
    ///
    /// If this process dies, the parent coordinator therefore knows each such request that may have been
    /// sent.
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool {
        guard !task.mayRepeat else { return true }
        sink.message { $0.writeStart(seq: reference) }
        announced.append(Announced(task: task, heardAfter: bytesHandedOn + sink.pendingBytes))
        return false
    }

    func nextAdmitted() -> PoolTask? {
        guard let first = announced.first, first.heardAfter <= output.writtenBytes else { return nil }
        return announced.popFirst()?.task
    }

    func takeHeld() -> [PoolTask] {
        var held: [PoolTask] = []
        while let next = announced.popFirst() { held.append(next.task) }
        return held
    }

    // MARK: Messages

    var nextWake: PoolTime? { lastBeat + 1_000 }

    /// Sends `hello` once the workers have answered, and then a beat each second.
    ///
    /// If the workers cannot start, this process exits without `hello`, which the parent coordinator counts
    /// as a failed start. A worker that sends no `hello` is silent until it has a task. The wait for the
    /// workers is therefore a second at most.
    func turn(
        at now: PoolTime,
        isReady: @autoclosure () -> Bool,
        inFlight: Int,
        into sink: inout RecordSink
    ) {
        let isDue = now >= lastBeat + 1_000
        if hasGreeted {
            guard isDue else { return }
            sink.message { $0.writeBeat(Beat(inFlight: inFlight)) }
        } else {
            guard isReady() || isDue else { return }
            hasGreeted = true
            let hello = Hello(pid: Int(getpid()), name: "fetchpool", concurrency: concurrency)
            sink.message { $0.writeHello(hello) }
        }
        lastBeat = now
    }

    func write(_ lines: [UInt8]) {
        bytesHandedOn += lines.count
        output.write(lines)
    }

    func sayBye(into sink: inout RecordSink) { sink.message { $0.writeBye(reason: "drained") } }
}

/// A form that writes records as results for a parent coordinator, which adds the members that only it knows.
struct AnswerRecords: RecordForm {
    var isLine: Bool { false }

    func begin(
        _ task: RunTask,
        _ object: Span<UInt8>,
        _ retryAfterSeconds: Double?,
        into writer: inout JSONWriter
    ) {
        writer.beginAnswer(seq: task.reference)
        if let retryAfterSeconds {
            writer.name("retry_after_s")
            writer.seconds(fromMilliseconds: Int(retryAfterSeconds * 1_000))
        }
        writer.name("record")
        writer.beginObject()
    }

    func end(_ task: RunTask, _ object: Span<UInt8>, into writer: inout JSONWriter) {
        writer.endObject()
        writer.endAnswer()
    }

    func write(_ refused: RefusedTask, _ reference: Int, into writer: inout JSONWriter) {
        writer.beginAnswer(seq: reference)
        writer.name("record")
        writer.beginObject()
        writer.recordOutcome(.invalid, status: nil)
        writer.recordError(refused.error)
        writer.endObject()
        writer.endAnswer()
    }

    func giveBack(_ reference: Int, into writer: inout JSONWriter) { writer.writeReturned(seq: reference) }
}
