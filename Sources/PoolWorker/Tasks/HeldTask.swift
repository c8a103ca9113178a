// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A task that the worker has read, and has neither finished nor returned.
///
/// Short lines that were read at once share one array, which is freed with the last of their tasks.
struct HeldTask: Hashable, Sendable {
    /// The line of the task, and perhaps lines of other tasks; empty if the line cannot be read.
    let lines: [UInt8]
    /// The number of the task, and the ranges of its parts in `lines`.
    let assignment: CoordinatorMessage.Assignment
    /// The reason why the line cannot be read; `nil` if it can.
    var fault: String? = nil

    /// Creates a task for a line that cannot be read, so that its failure is sent in order.
    static func unreadable(_ reason: String, seq: Int) -> HeldTask {
        let assignment = CoordinatorMessage.Assignment(seq: seq, attempt: 1, task: 0..<0)
        return HeldTask(lines: [], assignment: assignment, fault: reason)
    }

    /// Runs `handler` on the task.
    func handled(by handler: inout some TaskHandler) throws -> JSONResult {
        if let fault { throw TaskFailure("the task cannot be read: \(fault)") }
        let task = lines.span.extracting(assignment.task)
        guard let range = assignment.response else { return try handler.handle(task: task, response: nil) }
        return try handler.handle(task: task, response: lines.span.extracting(range))
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
