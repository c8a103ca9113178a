// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import Frontier
import PoolWire

/// A batch of input: bytes, and the messages in them.
package struct InputBatch: Sendable {
    /// A message for the run: a task, a refused line, or a parent coordinator's message about a task.
    struct Message: Sendable {
        enum Kind: UInt8, Sendable {
            case task
            /// An invalid line, or a task that repeats an earlier task (`--dedupe`).
            ///
            /// `InputBatch.refused` has one element for each message of this kind, in the order of the
            /// messages.
            case refused
            /// A recall of up to `number` tasks that have not begun.
            case recall
            /// A recall of the task with the reference `number`, if it has not begun.
            case cancel
            /// The parent coordinator has noted the message `start` of the task with the reference `number`.
            case confirm
        }

        var kind: Kind
        /// True if the text of `task` is a bare URL, which is stored as a task object later.
        var isBare = false
        /// The port of the task's host; 0 if the message has no host.
        var port: UInt16 = 0
        /// The range of the host's name in the bytes of the batch; empty if the message has no host.
        var hostName = ByteRange()
        /// The reference of a task or a refused line (`RunTask.reference`); for any other message, the number
        /// that `kind` describes.
        var number = 0
        /// The task, if the kind is `task`; its text is a range in the bytes of the batch.
        var task = RunTask(ordinal: 0, text: TextPlace(start: 0, count: 0), url: ByteRange())
    }

    /// The bytes that the messages refer to.
    private(set) var bytes: [UInt8]
    /// The messages, in order; blank lines and comments are not messages.
    private(set) var messages: [Message] = []
    /// The invalid lines and the repeated tasks with their errors, in order.
    private(set) var refused: [RefusedTask] = []
    /// Sentences for the user about the input.
    var notices: [String] = []
    /// The position in the input files at the end of this batch, in bytes; 0 if it is not known.
    var position = 0
    /// The number of tasks and invalid lines before `position` that the run has passed over because of
    /// `--resume`.
    var passed = 0
    /// The changed cookies that the parent coordinator has sent.
    var cookies: [String] = []
    /// The error that ended reading early; `nil` if there is none.
    package var failure: RunError?

    /// Creates a batch with the bytes that were read.
    package init(bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// True if the batch holds no message, no notice, no cookies and no failure.
    package var isEmpty: Bool { messages.isEmpty && cookies.isEmpty && failure == nil && notices.isEmpty }

    /// The approximate memory of the batch's bytes and messages, in bytes.
    var weight: Int { bytes.count + messages.count * MemoryLayout<Message>.stride + 1 }

    /// Reserves memory for `count` messages.
    mutating func reserve(_ count: Int) { messages.reserveCapacity(count) }

    // MARK: Adding

    /// Reads and adds the input line in a range of `bytes`.
    mutating func add(lineAt range: Range<Int>, ordinal: Int, defaultScheme: TargetURL.Scheme? = nil) {
        if let plain = PlainURL(reading: bytes.span.extracting(range)) {
            add(plain, at: range.lowerBound, text: range, ordinal: ordinal)
        } else if let inside = PlainTask.url(in: bytes.span.extracting(range)),
            let plain = PlainURL(reading: bytes.span.extracting(range).extracting(inside))
        {
            add(plain, at: range.lowerBound + inside.lowerBound, text: range, ordinal: ordinal)
        } else {
            let line = InputLine.read(
                bytes.span.extracting(range),
                ordinal: ordinal,
                defaultScheme: defaultScheme
            )
            add(line)
        }
    }

    /// Adds an input line; a blank line adds nothing.
    ///
    /// `reference` is the reference of the task or refused line (`RunTask.reference`).
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

    /// Removes the last message.
    mutating func removeLast() {
        if messages.removeLast().kind == .refused { refused.removeLast() }
    }

    /// Gives the messages consecutive numbers as their references; the first message gets `first`.
    mutating func number(from first: Int) {
        for index in messages.indices {
            messages[index].number = first + index
            messages[index].task.reference = first + index
        }
    }

    /// Notes that the record of the last task or refused line replaces a record of an earlier run.
    mutating func noteLast(replacing entry: JournalEntry) {
        let last = messages.count - 1
        if messages[last].kind == .task {
            messages[last].task.replacedRecord = entry.mark
        } else {
            refused[refused.count - 1].replacedRecord = entry.mark
        }
    }

    /// Adds a parent coordinator's message that is not a task.
    mutating func add(_ kind: Message.Kind, _ number: Int) {
        messages.append(Message(kind: kind, number: number))
    }

    /// Adds a task that has only a URL.
    ///
    /// `start` is the position of the URL in the bytes, and `text` is the range of the URL or of the object
    /// around it.
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

    /// The number of bytes around the URL in the object of a `PlainTask`.
    private static let frame = 10
    /// The offset of the URL's opening quote in the object of a `PlainTask`.
    private static let quote = 7

    private mutating func append(_ more: [UInt8]) -> Range<Int> {
        bytes += more
        return bytes.count - more.count..<bytes.count
    }
}
