// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Glibc
import Platform
import PoolWire
import ProcessPool

/// Tasks from a parent coordinator, of which this one is a worker, and answers to it.
final class UpstreamPort: RunPort {
    /// The two ways to the parent coordinator.
    struct Link {
        /// Its messages.
        let input: SupervisedInput
        /// The descriptor that answers go to.
        let output: Int32
    }

    /// A task that may not be repeated, and that the parent coordinator is being told of.
    private struct Announced {
        let task: PoolTask
        /// It was told once so many bytes of output are written.
        let heardAfter: Int
    }

    let input: InputQueue
    let output: any RecordOutput
    let form: any RecordForm = AnswerRecords()
    private let start: () -> Void
    private let concurrency: Int
    /// True once `hello` was said; nothing begins before.
    private var hasGreeted = false
    /// Tasks whose `start` is on its way, in order.
    private var announced = Deque<Announced>()
    /// Bytes given to the output.
    private var bytesHandedOn = 0
    private var lastBeat = PoolTime(nanoseconds: 0)

    /// A port whose reading `startReading` begins, for a run that has up to `concurrency` fetches in flight.
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
    // A task may be wanted back as soon as it was read.
    var isHeededAtOnce: Bool { true }
    var judgesRecords: Bool { false }

    // MARK: What begins

    /// Says `start` for a task that may not be repeated; it begins when that is written.
    ///
    /// So whenever this process dies, the parent coordinator knows of each such request that may have been sent.
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

    // MARK: What is said

    var nextWake: PoolTime? { lastBeat + 1_000 }

    /// Says `hello` once the workers have answered, and then each second that this one lives.
    ///
    /// A set-up whose workers cannot start has said nothing when it ends, and so counts as a failed start above. A
    /// worker that never says hello is silent until it has a task, so the wait for it is a second at most.
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

/// Records as answers to a parent coordinator, which adds what it knows itself.
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
