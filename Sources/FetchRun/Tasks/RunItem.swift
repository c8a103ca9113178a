// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import ProcessPool

/// One task on its way through the run.
struct RunItem: Sendable {
    /// What was asked for.
    private(set) var task: RunTask
    /// The fetch in flight, as its host counts it.
    var ticket = HostTicket(host: 0, incident: 0)
    /// Fetches that have begun.
    var fetches = 1
    /// What its fetch brought, while it is kept for processing.
    var fetched: Fetched?
    private var tries: [EarlierTry]?

    init(task: RunTask) {
        self.task = task
    }

    /// Tries that failed and were followed by another, in order.
    var earlierTries: [EarlierTry] {
        get { tries ?? [] }
        set { tries = newValue.isEmpty ? nil : newValue }
    }

    /// Whether this is the first try, with nothing kept, so that its record is of the usual form.
    var isUsual: Bool { tries == nil && fetched == nil }

    /// Becomes another task, which begins; there is nothing left of the one before.
    mutating func begin(_ task: RunTask, _ ticket: HostTicket) {
        (self.task, self.ticket, fetches) = (task, ticket, 1)
    }

    /// The answer of a fetch worker, and who gave it.
    final class Fetched: Sendable {
        let line: [UInt8]
        let answer: Answer
        let worker: WorkerView
        /// The time at which it came, in milliseconds since 1970-01-01T00:00:00Z.
        let time: Int

        init(line: [UInt8], answer: Answer, worker: WorkerView, time: Int) {
            (self.line, self.answer, self.worker, self.time) = (line, answer, worker, time)
        }
    }
}
