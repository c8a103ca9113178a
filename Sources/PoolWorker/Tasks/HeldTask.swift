// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A task that was read and not yet answered or given back.
///
/// It owns its line, so that memory goes when the task does.
struct HeldTask: Hashable, Sendable {
    /// The whole line.
    let line: [UInt8]
    /// Where in the line its parts lie.
    let assignment: CoordinatorMessage.Assignment

    /// Lets `handler` work on it.
    func handled(by handler: inout some TaskHandler) throws -> JSONResult {
        let task = line.span.extracting(assignment.task)
        guard let range = assignment.response else { return try handler.handle(task: task, response: nil) }
        return try handler.handle(task: task, response: line.span.extracting(range))
    }
}
