// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
import PoolWire

/// A task as the run keeps it: numbers alone, so that it is moved about at no cost; its text lies in a `TextStore`.
///
/// Ranges are those of an `InputTask`, which lie in its object.
package struct RunTask: Hashable, Sendable {
    /// The line's number over all inputs, from 1.
    package var ordinal: Int
    /// The user's object; before the task is stored, where it lies among the bytes of its batch.
    package var text: TextPlace
    /// Where the URL lies in the object, quotes included.
    package var url: ByteRange
    /// Where the user's id lies; empty if the ordinal is the id.
    package var id = ByteRange()
    /// Where the user's `meta` lies; empty if there is none.
    package var meta = ByteRange()
    /// What its host is known by; 0 for none.
    package var host: HostHash = 0
    /// The longest this fetch may take, in milliseconds; 0 where the task does not say.
    package var timeoutMilliseconds: UInt32 = 0
    /// Whether the request may be sent twice.
    package var isIdempotent = true
    /// The number by which whoever gave the task knows it; 0 where that is its line's.
    package var reference = 0

    /// A task without an id, `meta`, host and time limit of its own.
    package init(ordinal: Int, text: TextPlace, url: ByteRange) {
        (self.ordinal, self.text, self.url) = (ordinal, text, url)
    }
}

extension RunTask {
    /// The task that was read, with its text in `text`.
    package init(_ task: InputTask, text: TextPlace) {
        self.init(ordinal: task.ordinal, text: text, url: ByteRange(task.url))
        if let id = task.id { self.id = ByteRange(id) }
        if let meta = task.meta { self.meta = ByteRange(meta) }
        host = HostHash.of(task.host.name.utf8, port: task.host.port)
        timeoutMilliseconds = task.timeout.map { UInt32($0.wholeMilliseconds) } ?? 0
        isIdempotent = task.isIdempotent
    }
}

/// Where a text lies among the texts that the run keeps: in a cell of the common room, or, if it is long, in an array of its own.
package struct TextPlace: Hashable, Sendable {
    /// The cell's first byte, or the array's number.
    package var start: UInt32
    /// The text's bytes.
    package var count: UInt32

    /// A text of `count` bytes, in the cell that begins at `start` or the array with that number.
    package init(start: UInt32, count: UInt32) {
        (self.start, self.count) = (start, count)
    }
}

/// Where bytes lie in a line, in half the room of a `Range<Int>`; no line is as long as that.
package struct ByteRange: Hashable, Sendable {
    /// The first byte's place.
    package var start: UInt32 = 0
    /// How many they are; 0 where there is nothing.
    package var count: UInt32 = 0

    /// Nothing.
    package init() {}

    /// The bytes of a range within a line.
    package init(_ range: Range<Int>) {
        (start, count) = (UInt32(range.lowerBound), UInt32(range.count))
    }

    /// Whether there is nothing.
    package var isEmpty: Bool { count == 0 }

    /// The same as a range.
    package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
