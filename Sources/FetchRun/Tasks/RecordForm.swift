// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// The members of a record around those that all records have in common.
protocol RecordForm: Sendable {
    /// True if a record is a line by itself, with id, URL, `meta` and worker; else whoever gave the task adds these.
    var isLine: Bool { get }
    /// Writes what stands before `outcome`; `object` is the task's text.
    func begin(
        _ task: RunTask,
        _ object: Span<UInt8>,
        _ retryAfterSeconds: Double?,
        into writer: inout JSONWriter
    )
    /// Ends what `begin` began.
    func end(_ task: RunTask, _ object: Span<UInt8>, into writer: inout JSONWriter)
    /// Writes the record of a line that became no task.
    func write(_ refused: RefusedTask, _ reference: Int, into writer: inout JSONWriter)
    /// Says that a task which has not begun goes back to whoever gave it.
    func giveBack(_ reference: Int, into writer: inout JSONWriter)
}

/// Records as lines of output.
struct LineRecords: RecordForm {
    var isLine: Bool { true }

    func begin(
        _ task: RunTask,
        _ object: Span<UInt8>,
        _ retryAfterSeconds: Double?,
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

    // Nobody asks a file for its lines.
    func giveBack(_ reference: Int, into writer: inout JSONWriter) {}
}
