// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A task that the worker has read, and has neither finished nor returned.
///
/// Short lines that were read together share one array, which is freed with the last of their tasks.
struct HeldTask: Hashable, Sendable {
    /// The number of this sending of the task; the result message must contain this number.
    let seq: Int
    /// The task; if the line cannot be read, the `lines` of the task contain the reason.
    private let task: WorkerTask
    /// False if the line cannot be read.
    private let isReadable: Bool

    /// Creates a task whose parts were found in `lines`.
    init(lines: [UInt8], assignment: CoordinatorMessage.Assignment, isReadable: Bool = true) {
        seq = assignment.seq
        task = WorkerTask(lines: lines, assignment: assignment)
        self.isReadable = isReadable
    }

    /// Creates a task for a line that cannot be read; the task waits in the queue as others do, and then
    /// fails.
    static func unreadable(_ reason: String, seq: Int) -> HeldTask {
        let assignment = CoordinatorMessage.Assignment(seq: seq, attempt: 1, task: 0..<0)
        return HeldTask(lines: Array(reason.utf8), assignment: assignment, isReadable: false)
    }

    /// The task.
    ///
    /// - Throws: `TaskFailure` if the line cannot be read.
    var readable: WorkerTask {
        get throws {
            guard isReadable else {
                let reason = String(decoding: task.lines, as: UTF8.self)
                throw TaskFailure("the task cannot be read: \(reason)")
            }
            return task
        }
    }
}

extension CoordinatorMessage.Assignment {
    /// Returns the same assignment with its ranges moved by `offset` bytes.
    func moved(by offset: Int) -> Self {
        var moved = self
        moved.task = task.lowerBound + offset..<task.upperBound + offset
        moved.response = response.map { $0.lowerBound + offset..<$0.upperBound + offset }
        return moved
    }
}
