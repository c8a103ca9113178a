// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import PoolWire

/// A task of a run, without its text, so that the task is cheap to copy.
///
/// The `TextStore` of `FetchRun` stores the text as a JSON object. The ranges are relative to the start of
/// this object.
package struct RunTask: Hashable, Sendable {
    /// The number of the task, from 1, counted over the URLs of the command line and the lines of all inputs.
    ///
    /// A child coordinator counts the tasks that it receives.
    package var ordinal: Int
    /// The place of the text: first in the batch of input, later in the `TextStore`.
    package var text: TextPlace
    /// The range of the URL in the object, including the quotes.
    package var url: ByteRange
    /// The range of the user's id; empty if the ordinal is the id.
    package var id = ByteRange()
    /// The range of the user's `meta`; empty if there is none.
    package var meta = ByteRange()
    /// The hash of the host and the port of the task's URL; 0 if the URL has no host.
    package var host: HostHash = 0
    /// The task's own time limit, in milliseconds; 0 if the task has none.
    package var timeoutMilliseconds: UInt32 = 0
    /// True if the request may be sent twice.
    package var isIdempotent = true
    /// The member `method` of the record; `nil` for a GET without header fields and body.
    package var method: FetchTask.Method?
    /// The mark (`JournalEntry.mark` in `FetchRun`) of the record that this task's record replaces; 0 if the
    /// task's record replaces none.
    ///
    /// Only a record of an earlier run is replaced.
    package var replacedRecord: UInt16 = 0
    /// The number that the parent coordinator assigned to the task, if this process is a child coordinator.
    ///
    /// Without a parent coordinator, the value is the task's position (`RecordWindow` in `FetchRun`) if the
    /// run keeps the order of the input, and otherwise 0.
    package var reference = 0

    /// Creates a task whose other properties have their defaults.
    package init(ordinal: Int, text: TextPlace, url: ByteRange) {
        (self.ordinal, self.text, self.url) = (ordinal, text, url)
    }
}

extension RunTask {
    /// Creates a task from an input task whose text is at `text`.
    package init(_ task: InputTask, text: TextPlace) {
        self.init(ordinal: task.ordinal, text: text, url: ByteRange(task.url))
        if let id = task.id { self.id = ByteRange(id) }
        if let meta = task.meta { self.meta = ByteRange(meta) }
        host = HostHash.of(task.host.name.utf8, port: task.host.port)
        timeoutMilliseconds = task.timeout.map { UInt32($0.wholeMilliseconds) } ?? 0
        (isIdempotent, method) = (task.isIdempotent, task.method)
    }
}

/// The place of a text in a `TextStore` or in a batch of input.
package struct TextPlace: Hashable, Sendable {
    /// The index of the first byte; for a long text in a `TextStore`, the number of its array.
    package var start: UInt32
    /// The number of bytes of the text.
    package var count: UInt32

    /// Creates the place of a text of `count` bytes.
    package init(start: UInt32, count: UInt32) {
        (self.start, self.count) = (start, count)
    }
}

/// A range of bytes in a text, in half the memory of a `Range<Int>`; texts are shorter than 4 GiB.
package struct ByteRange: Hashable, Sendable {
    /// The position of the first byte.
    package var start: UInt32 = 0
    /// The number of bytes.
    package var count: UInt32 = 0

    /// Creates an empty range.
    package init() {}

    /// Creates the compact form of a range.
    package init(_ range: Range<Int>) {
        (start, count) = (UInt32(range.lowerBound), UInt32(range.count))
    }

    /// True if the range is empty.
    package var isEmpty: Bool { count == 0 }

    /// The range as a `Range<Int>`.
    package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
