// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

/// A task as the run keeps it: numbers alone, so that it is moved about at no cost; its text lies in a `TextStore`.
///
/// Ranges are those of an `InputTask`, which lie in its object.
struct RunTask: Hashable, Sendable {
    /// The line's number over all inputs, from 1.
    var ordinal: Int
    /// The user's object; before the task is stored, where it lies among the bytes of its batch.
    var text: TextPlace
    /// Where the URL lies in the object, quotes included.
    var url: ByteRange
    /// Where the user's id lies; empty if the ordinal is the id.
    var id = ByteRange()
    /// Where the user's `meta` lies; empty if there is none.
    var meta = ByteRange()
    /// What its host is known by; 0 for none.
    var host: HostHash = 0
    /// The longest this fetch may take, in milliseconds; 0 where the task does not say.
    var timeoutMilliseconds: UInt32 = 0
    /// Whether the request may be sent twice.
    var isIdempotent = true
}

extension RunTask {
    /// The task that was read, with its text in `text`.
    init(_ task: InputTask, text: TextPlace) {
        self.init(ordinal: task.ordinal, text: text, url: ByteRange(task.url))
        if let id = task.id { self.id = ByteRange(id) }
        if let meta = task.meta { self.meta = ByteRange(meta) }
        host = HostHash.of(task.host.name.utf8, port: task.host.port)
        timeoutMilliseconds = task.timeout.map { UInt32($0.wholeMilliseconds) } ?? 0
        isIdempotent = task.isIdempotent
    }
}

extension JSONWriter {
    /// Opens the record of a task: all that stands before `outcome`; `object` is its text.
    mutating func beginRecord(of task: RunTask, _ object: Span<UInt8>) {
        let url = object.extracting(task.url.range)
        if task.id.isEmpty {
            beginRecord(id: Array(String(task.ordinal).utf8).span, url: url)
        } else {
            beginRecord(id: object.extracting(task.id.range), url: url)
        }
    }

    /// Ends the record of a task.
    mutating func endRecord(of task: RunTask, _ object: Span<UInt8>) {
        endRecord(meta: task.meta.isEmpty ? nil : object.extracting(task.meta.range))
    }
}
