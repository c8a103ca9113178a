// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import Frontier
import PoolWire

/// What one read brought: its bytes, and messages that are numbers and places in them alone.
package struct InputBatch: Sendable {
    /// Something that came in for the run.
    struct Message: Sendable {
        enum Kind: UInt8, Sendable {
            /// A task.
            case task
            /// A line that is no valid task; it is the next in `refused`.
            case refused
            /// Up to `number` tasks that have not begun are wanted back.
            case recall
            /// The task with the reference `number` is wanted back.
            case cancel
        }

        var kind: Kind
        /// Whether the text is a URL, around which an object is still to be made.
        var isBare = false
        /// The port of the task's host.
        var port: UInt16 = 0
        /// Where the name of the task's host lies among the bytes of the batch.
        var hostName = ByteRange()
        /// The reference of the task or the refused line, as `RunTask` has it, or what `kind` says.
        var number = 0
        /// The task, with the place of its text among the bytes of the batch.
        var task = RunTask(ordinal: 0, text: TextPlace(start: 0, count: 0), url: ByteRange())
    }

    /// The bytes that the messages lie in.
    private(set) var bytes: [UInt8]
    /// The messages, in order; blank lines are none.
    private(set) var messages: [Message] = []
    /// What is said of each refused line, in their order.
    private(set) var refused: [RefusedTask] = []
    /// Why reading ended early.
    package var failure: RunError?

    /// Begins a batch with the bytes that were read.
    package init(bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Whether there is nothing in it that the run must be told.
    package var isEmpty: Bool { messages.isEmpty && failure == nil }

    /// The memory that it takes, in bytes.
    var weight: Int { bytes.count + messages.count * MemoryLayout<Message>.stride + 1 }

    /// Makes room for so many messages.
    mutating func reserve(_ count: Int) { messages.reserveCapacity(count) }

    // MARK: Adding

    /// Adds the line of input that lies at a range of the bytes.
    mutating func add(lineAt range: Range<Int>, ordinal: Int) {
        if let plain = PlainURL(reading: bytes.span.extracting(range)) {
            add(plain, at: range.lowerBound, text: range, ordinal: ordinal)
        } else if let inside = PlainTask.url(in: bytes.span.extracting(range)),
            let plain = PlainURL(reading: bytes.span.extracting(range).extracting(inside))
        {
            add(plain, at: range.lowerBound + inside.lowerBound, text: range, ordinal: ordinal)
        } else {
            let line = InputLine.read(bytes.span.extracting(range), ordinal: ordinal)
            add(line)
        }
    }

    /// Adds a line that was read already; `reference` is that of a `RunTask`.
    package mutating func add(_ line: InputLine, reference: Int = 0) {
        var message = Message(kind: .refused, number: reference)
        switch line {
        case .blank: return
        case .refused(let said): refused.append(said)
        case .task(let task):
            message.kind = .task
            message.port = task.host.port
            message.hostName = ByteRange(append(Array(task.host.name.utf8)))
            let text = append(task.object)
            message.task = RunTask(
                task,
                text: TextPlace(start: UInt32(text.lowerBound), count: UInt32(text.count))
            )
            message.task.reference = reference
        }
        messages.append(message)
    }

    /// Adds what a parent coordinator asks for.
    mutating func add(_ kind: Message.Kind, _ number: Int) {
        messages.append(Message(kind: kind, number: number))
    }

    /// Adds a task that is nothing but its URL, which begins at `start`; the text is the URL, or the object around it.
    private mutating func add(_ plain: PlainURL, at start: Int, text: Range<Int>, ordinal: Int) {
        let isBare = start == text.lowerBound
        var message = Message(kind: .task, isBare: isBare, port: plain.port)
        message.task.ordinal = ordinal
        message.task.text = TextPlace(start: UInt32(text.lowerBound), count: UInt32(text.count))
        message.task.url = ByteRange(Self.quote..<text.count + (isBare ? Self.frame : 0) - 1)
        let host = plain.host.lowerBound + start..<plain.host.upperBound + start
        message.hostName = ByteRange(host)
        message.task.host = HostHash.of(bytes.span.extracting(host), port: plain.port)
        messages.append(message)
    }

    /// The bytes of a `PlainTask` beside its URL, and the first that belongs to the string.
    private static let frame = 10
    private static let quote = 7

    private mutating func append(_ more: [UInt8]) -> Range<Int> {
        bytes += more
        return bytes.count - more.count..<bytes.count
    }
}
