// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import ProcessPool

/// One task on its way through the run.
struct RunItem: Sendable {
    /// What was asked for.
    let task: InputTask
    /// The number that a coordinator above gave it; `nil` for a line of input.
    let upstream: Int?
    /// The fetch in flight, as its host counts it.
    var ticket = HostTicket(host: 0, incident: 0)
    /// Fetches that have begun.
    var fetches = 1
    /// What its fetch brought, while it is kept for processing.
    var fetched: Fetched?
    /// Tries that failed and were followed by another, in order.
    var earlierTries: [EarlierTry] = []

    /// The answer of a fetch worker, and who gave it.
    struct Fetched: Sendable {
        let line: [UInt8]
        let answer: Answer
        let worker: WorkerView
    }
}

/// The tasks that have begun and not ended, each by a number that is used again.
struct RunItems: Sendable {
    private var items: [RunItem?] = []
    private var free: [Int] = []

    var count: Int { items.count - free.count }

    mutating func add(_ item: RunItem) -> Int {
        if let token = free.popLast() {
            items[token] = item
            return token
        }
        items.append(item)
        return items.count - 1
    }

    mutating func remove(_ token: Int) -> RunItem? {
        guard let item = items[token] else { return nil }
        items[token] = nil
        free.append(token)
        return item
    }

    subscript(token: Int) -> RunItem? { items[token] }

    mutating func add(_ earlier: EarlierTry, to token: Int) {
        items[token]?.earlierTries.append(earlier)
    }

    mutating func keep(_ fetched: RunItem.Fetched, for token: Int) {
        items[token]?.fetched = fetched
    }
}
