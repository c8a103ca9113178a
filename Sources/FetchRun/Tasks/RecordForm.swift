// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// A writer of the parts of a record that differ between output lines and results for a parent coordinator.
protocol RecordForm: Sendable {
    /// True if a record is an output line; otherwise the parent coordinator adds the members `v`, `id`,
    /// `url`, `method`, `meta` and `worker`.
    var isLine: Bool { get }
    /// Writes the members before `outcome`; `object` is the task object.
    ///
    /// A result for a parent coordinator also has the time of `Retry-After`, if there is one. Such a result
    /// has `"sent":false` if the server has certainly not processed a request. Both members come from
    /// `ending`; an output line has neither.
    func begin(
        _ task: RunTask,
        _ object: Span<UInt8>,
        _ ending: RecordSink.Ending,
        into writer: inout JSONWriter
    )
    func end(_ task: RunTask, _ object: Span<UInt8>, into writer: inout JSONWriter)
    /// Writes the record of an invalid line or of a repeated task.
    func write(_ refused: RefusedTask, _ reference: Int, into writer: inout JSONWriter)
    /// Writes the message that returns an unbegun task to the parent coordinator.
    func giveBack(_ reference: Int, into writer: inout JSONWriter)
}

/// The form of records that are lines of output.
struct LineRecords: RecordForm {
    var isLine: Bool { true }

    func begin(
        _ task: RunTask,
        _ object: Span<UInt8>,
        _ ending: RecordSink.Ending,
        into writer: inout JSONWriter
    ) {
        writer.beginRecord(of: task, object)
    }

    func end(_ task: RunTask, _ object: Span<UInt8>, into writer: inout JSONWriter) {
        writer.endRecord(of: task, object)
    }

    func write(_ refused: RefusedTask, _ reference: Int, into writer: inout JSONWriter) {
        writer.writeRecord(of: refused)
    }

    // Only a parent coordinator recalls tasks.
    func giveBack(_ reference: Int, into writer: inout JSONWriter) {}
}
