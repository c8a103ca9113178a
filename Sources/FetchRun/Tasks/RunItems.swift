// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire
import ProcessPool

/// The tasks that have begun and not ended, each by a number that is used again.
struct RunItems: Sendable {
    /// A place is filled and emptied where it lies: an item that is moved costs more than what is asked of it.
    private struct Place: Sendable {
        var item: RunItem
        var isTaken = true
        /// The next place that is free, where this one is; −1 for none.
        var nextFree: Int32 = -1
    }

    private var places: [Place] = []
    private var firstFree: Int32 = -1
    private(set) var count = 0

    /// Adds a task that begins.
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

    /// Takes a task out; `nil` if its number is not taken.
    mutating func remove(_ token: Int) -> RunItem? {
        guard places[token].isTaken else { return nil }
        let item = places[token].item
        places[token].item.fetched = nil
        places[token].item.earlierAttempts = []
        free(token)
        return item
    }

    /// Takes out a usual task, of which there is nothing to let go.
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

    /// Whether a number is that of a task.
    func isTaken(_ token: Int) -> Bool { places[token].isTaken }

    /// The task of a number that is taken.
    func task(_ token: Int) -> RunTask { places[token].item.task }

    /// How its host counts the fetch of a task that is under way.
    func ticket(_ token: Int) -> HostTicket { places[token].item.ticket }

    /// How many fetches have begun of a task whose number is taken.
    func fetches(_ token: Int) -> Int { places[token].item.fetches }

    /// True if a task under way is at its first attempt, and has no response kept.
    func isUsual(_ token: Int) -> Bool { places[token].isTaken && places[token].item.isUsual }

    /// Whether a response of the task is kept.
    func isFetched(_ token: Int) -> Bool { places[token].item.fetched != nil }

    /// Notes what a task that begins again has behind it.
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
    private var tries: [EarlierAttempt]?

    init(task: RunTask) {
        self.task = task
    }

    /// Tries that failed and were followed by another, in order.
    var earlierAttempts: [EarlierAttempt] {
        get { tries ?? [] }
        set { tries = newValue.isEmpty ? nil : newValue }
    }

    /// True at the first attempt while no response is kept: its record takes the fast path.
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
