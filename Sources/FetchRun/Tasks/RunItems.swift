// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import ProcessPool

/// The tasks that have begun and not ended, by token; the token of an ended task is reused.
struct RunItems: Sendable {
    /// The storage of one token.
    ///
    /// An item is changed where it is stored: to move it out and back would cost more than the change itself.
    private struct Place: Sendable {
        var item: RunItem
        var isTaken = true
        /// The next free place, if this place is free; −1 for none.
        var nextFree: Int32 = -1
    }

    private var places: [Place] = []
    private var firstFree: Int32 = -1
    private(set) var count = 0

    /// Adds a task that begins, and returns its token.
    mutating func add(_ task: RunTask, _ ticket: HostTicket) -> Int {
        count += 1
        let token = Int(firstFree)
        guard token >= 0 else {
            var item = RunItem(task: task)
            item.ticket = ticket
            places.append(Place(item: item))
            return places.count - 1
        }
        firstFree = places[token].nextFree
        places[token].isTaken = true
        places[token].item.begin(task, ticket)
        return token
    }

    /// Removes and returns a task; `nil` if no task has this token.
    mutating func remove(_ token: Int) -> RunItem? {
        guard places[token].isTaken else { return nil }
        let item = places[token].item
        places[token].item.fetched = nil
        places[token].item.earlierAttempts = []
        free(token)
        return item
    }

    /// Removes a task that has neither a kept response nor earlier attempts.
    mutating func removeUsual(_ token: Int) {
        free(token)
    }

    private mutating func free(_ token: Int) {
        count -= 1
        places[token].isTaken = false
        places[token].nextFree = firstFree
        firstFree = Int32(token)
    }

    subscript(token: Int) -> RunItem? { places[token].isTaken ? places[token].item : nil }

    /// Returns true if a task has this token.
    func isTaken(_ token: Int) -> Bool { places[token].isTaken }

    /// Returns the task of a token that is in use.
    func task(_ token: Int) -> RunTask { places[token].item.task }

    /// Returns the ticket of the fetch of a task whose token is in use.
    func ticket(_ token: Int) -> HostTicket { places[token].item.ticket }

    /// Returns the number of begun fetches (`RunItem.fetches`) of a task whose token is in use.
    func fetches(_ token: Int) -> Int { places[token].item.fetches }

    /// Returns the `heldBytes` of a task whose token is in use.
    func heldBytes(_ token: Int) -> Int { places[token].item.heldBytes }

    /// Returns true if a task without earlier attempts and without a kept response has this token.
    func isUsual(_ token: Int) -> Bool { places[token].isTaken && places[token].item.isUsual }

    /// Stores the earlier attempts and the number of fetches of a task that begins again.
    mutating func note(_ tries: [EarlierAttempt], fetches: Int, for token: Int) {
        places[token].item.earlierAttempts = tries
        places[token].item.fetches = fetches
    }

    mutating func add(_ earlier: EarlierAttempt, to token: Int) {
        guard places[token].isTaken else { return }
        places[token].item.earlierAttempts.append(earlier)
    }

    mutating func keep(_ fetched: RunItem.Fetched, for token: Int) {
        guard places[token].isTaken else { return }
        places[token].item.fetched = fetched
    }
}

/// The data of a task in flight, or of a task whose record is being written.
struct RunItem: Sendable {
    private(set) var task: RunTask
    /// The ticket of the fetch in flight.
    var ticket = HostTicket(host: 0, incident: 0)
    /// The number of fetches that have begun; 1 for a new item.
    ///
    /// Fetches after which the run waited for its unreachable proxy do not count.
    var fetches = 1
    /// The result of the fetch while its response is kept for processing; otherwise `nil`.
    var fetched: Fetched?
    private var tries: [EarlierAttempt]?

    init(task: RunTask) {
        self.task = task
    }

    /// The failed attempts before the current attempt, in order.
    var earlierAttempts: [EarlierAttempt] {
        get { tries ?? [] }
        set { tries = newValue.isEmpty ? nil : newValue }
    }

    /// The number of bytes of the task's text and, if its response is kept, of the result line.
    var heldBytes: Int { Int(task.text.count) + (fetched?.line.count ?? 0) }

    /// True if there are no earlier attempts and no kept response, as `RecordSink.writeFast` requires.
    var isUsual: Bool { tries == nil && fetched == nil }

    /// Reuses the item, which must have no response and no earlier attempts, for a new task.
    mutating func begin(_ task: RunTask, _ ticket: HostTicket) {
        (self.task, self.ticket, fetches) = (task, ticket, 1)
    }

    /// The result of a fetch worker, and the worker that sent it.
    final class Fetched: Sendable {
        let line: [UInt8]
        let message: ResultMessage
        let worker: WorkerView
        /// The time of the turn of the loop in which the result came, in milliseconds since
        /// 1970-01-01T00:00:00Z.
        let time: Int
        /// The number of failed attempts before this result.
        let attemptsBefore: Int

        init(line: [UInt8], message: ResultMessage, worker: WorkerView, time: Int, attemptsBefore: Int = 0) {
            (self.line, self.message, self.worker, self.time) = (line, message, worker, time)
            self.attemptsBefore = attemptsBefore
        }
    }
}
