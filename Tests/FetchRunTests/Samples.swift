// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import Testing

@testable import FetchRun
@testable import ProcessPool

extension InputLine {
    /// Reads a line of input.
    static func of(_ text: String, ordinal: Int = 1) -> InputLine {
        read(Array(text.utf8).span, ordinal: ordinal)
    }
}

extension RunItem {
    /// Returns the task of an input line.
    static func of(_ text: String, ordinal: Int = 1, reference: Int = 0) throws -> RunItem {
        try sample(text, ordinal: ordinal, reference: reference).item
    }

    /// Returns the task of an input line, and the bytes of its task object.
    static func sample(
        _ text: String,
        ordinal: Int = 1,
        reference: Int = 0
    ) throws -> (item: RunItem, object: [UInt8]) {
        guard case .task(let task) = InputLine.of(text, ordinal: ordinal) else { throw NoTask() }
        let place = TextPlace(start: 0, count: UInt32(task.object.count))
        var known = RunTask(task, text: place)
        known.reference = reference
        return (RunItem(task: known), task.object)
    }

    struct NoTask: Error {}
}

extension RunItems {
    /// Adds a task without a host; returns its token.
    mutating func add(_ item: RunItem) -> Int {
        add(item.task, HostTicket(host: 0, incident: 0))
    }
}

extension RefusedTask {
    /// Returns the refusal of an input line.
    static func of(_ text: String, ordinal: Int = 1) throws -> RefusedTask {
        guard case .refused(let refused) = InputLine.of(text, ordinal: ordinal) else { throw NotRefused() }
        return refused
    }

    struct NotRefused: Error {}
}

extension ResultMessage {
    /// Reads the line of a worker's result.
    static func of(_ line: [UInt8]) throws -> ResultMessage {
        guard case .result(let message) = try WorkerMessage.read(line.span) else { throw NoResult() }
        return message
    }

    struct NoResult: Error {}
}

extension WorkerView {
    static let sample = WorkerView(id: WorkerID(slot: 3, life: 7), pid: 4711)
}

extension PoolTime {
    /// Returns the time that is `milliseconds` after the time 0.
    static func at(_ milliseconds: Int) -> PoolTime { PoolTime(nanoseconds: milliseconds * 1_000_000) }
}
