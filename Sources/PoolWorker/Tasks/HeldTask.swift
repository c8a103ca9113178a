// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A task that was read and not yet answered or given back.
///
/// Short lines that were read at once are kept in one array, which goes when the last of their tasks does.
struct HeldTask: Hashable, Sendable {
    /// The whole line, and others beside it.
    let lines: [UInt8]
    /// Where in the lines its parts lie.
    let assignment: CoordinatorMessage.Assignment
    /// Why the line cannot be read; then there are no parts.
    var fault: String? = nil

    /// Stands for the task of a line that cannot be read, so that it is answered in its turn.
    static func unreadable(_ reason: String, seq: Int) -> HeldTask {
        let assignment = CoordinatorMessage.Assignment(seq: seq, attempt: 1, task: 0..<0)
        return HeldTask(lines: [], assignment: assignment, fault: reason)
    }

    /// Lets `handler` work on it.
    func handled(by handler: inout some TaskHandler) throws -> JSONResult {
        if let fault { throw TaskFailure("the task cannot be read: \(fault)") }
        let task = lines.span.extracting(assignment.task)
        guard let range = assignment.response else { return try handler.handle(task: task, response: nil) }
        return try handler.handle(task: task, response: lines.span.extracting(range))
    }
}

extension CoordinatorMessage.Assignment {
    /// The same where the line begins `offset` bytes later.
    func moved(by offset: Int) -> Self {
        var moved = self
        moved.task = task.lowerBound + offset..<task.upperBound + offset
        moved.response = response.map { $0.lowerBound + offset..<$0.upperBound + offset }
        return moved
    }
}
