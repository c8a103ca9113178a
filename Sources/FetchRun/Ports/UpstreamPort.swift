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
        /// The descriptor to which results and other messages are written.
        let output: Int32
    }

    /// A held task: a task that must not be repeated, and that waits until the parent coordinator has the
    /// task's `start` message.
    private struct Announced {
        let task: PoolTask
        /// The task's number at the parent coordinator.
        let reference: Int
        /// The value of `writtenBytes` at which the `start` message is completely written.
        let heardAfter: Int
    }

    let input: InputQueue
    let output: any RecordOutput
    let form: any RecordForm = ResultRecords()
    private let start: () -> Void
    private let concurrency: Int
    /// True if the parent coordinator confirms each `start`, because the connection can be lost without
    /// notice.
    ///
    /// If false, a `start` message counts as received once it is written.
    private let isRemote: Bool
    /// True once `hello` was sent; no task begins before that.
    private var hasGreeted = false
    /// The held tasks, in the order of their `start` messages.
    private var announced = Deque<Announced>()
    /// The references of held tasks whose `start` message the parent coordinator has confirmed.
    private var confirmed: Set<Int> = []
    /// The number of bytes that were given to the output so far, written or not.
    private var bytesHandedOn = 0
    /// The time of the last beat, or of `hello`; 0 before the `hello`.
    private var lastBeat = PoolTime(nanoseconds: 0)

    /// Creates a port for a run with up to `concurrency` fetches in flight; `startReading` starts the thread
    /// that fills `input`.
    init(
        input: InputQueue,
        output: any RecordOutput,
        concurrency: Int,
        isRemote: Bool = false,
        startReading: @escaping () -> Void
    ) {
        (self.input, self.output, start) = (input, output, startReading)
        (self.concurrency, self.isRemote) = (concurrency, isRemote)
    }

    func startReading() { start() }
    var isOpen: Bool { hasGreeted }
    // The parent coordinator can recall a task at any time.
    var isHeededAtOnce: Bool { true }
    var judgesRecords: Bool { false }

    // MARK: Starting tasks

    /// Returns true for a task that may be repeated; sends `start` for any other task, and holds the task.
    ///
    /// If this process dies or the connection is lost, the parent coordinator then knows which tasks may have
    /// sent a request.
    func admit(_ task: PoolTask, reference: Int, into sink: inout RecordSink) -> Bool {
        guard !task.mayRepeat else { return true }
        sink.message { $0.writeStart(seq: reference) }
        let heardAfter = bytesHandedOn + sink.pendingBytes
        announced.append(Announced(task: task, reference: reference, heardAfter: heardAfter))
        return false
    }

    func nextAdmitted() -> PoolTask? {
        guard let first = announced.first, isHeard(first) else { return nil }
        confirmed.remove(first.reference)
        return announced.popFirst()?.task
    }

    private func isHeard(_ task: Announced) -> Bool {
        isRemote ? confirmed.contains(task.reference) : task.heardAfter <= output.writtenBytes
    }

    func confirm(reference: Int) { confirmed.insert(reference) }

    func takeHeld() -> [PoolTask] {
        var held: [PoolTask] = []
        while let next = announced.popFirst() { held.append(next.task) }
        return held
    }

    // MARK: Messages

    var nextWake: PoolTime? { lastBeat + 1_000 }

    /// Sends `hello`, and later a beat each second.
    ///
    /// The `hello` is sent when a worker of each pool has shown that it can start, but after a second at the
    /// latest.
    ///
    /// If the run fails before its `hello`, this process exits without one, and the parent coordinator counts
    /// the exit as a failed start. The wait is limited, because a worker without a `hello` of its own writes
    /// nothing until it has a task.
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
            let hello = Hello(
                pid: Int(getpid()),
                name: "fetchpool",
                programVersion: ProductVersion.text,
                concurrency: concurrency
            )
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

/// A form that writes records as results for a parent coordinator.
///
/// The parent coordinator adds `v`, `id`, `url`, `method`, `meta` and `worker` to each record.
struct ResultRecords: RecordForm {
    var isLine: Bool { false }

    func begin(
        _ task: RunTask,
        _ object: Span<UInt8>,
        _ ending: RecordSink.Ending,
        into writer: inout JSONWriter
    ) {
        writer.beginResultMessage(seq: task.reference)
        if let seconds = ending.retryAfterSeconds {
            writer.name("retry_after_s")
            writer.seconds(fromMilliseconds: Int(seconds * 1_000))
        }
        if !ending.wasSent {
            writer.name("sent")
            writer.bool(false)
        }
        writer.name("record")
        writer.beginObject()
    }

    func end(_ task: RunTask, _ object: Span<UInt8>, into writer: inout JSONWriter) {
        writer.endObject()
        writer.endResultMessage()
    }

    func write(_ refused: RefusedTask, _ reference: Int, into writer: inout JSONWriter) {
        writer.beginResultMessage(seq: reference)
        writer.name("record")
        writer.beginObject()
        writer.recordOutcome(.invalid, status: nil)
        writer.recordError(refused.error)
        writer.endObject()
        writer.endResultMessage()
    }

    func giveBack(_ reference: Int, into writer: inout JSONWriter) { writer.writeReturned(seq: reference) }
}
