// SPDX-License-Identifier: MIT
// fetchpool

/// The tasks that have begun and not ended, each by a number that is used again.
struct RunItems: Sendable {
    private struct Place: Sendable {
        var item: RunItem
        var isTaken = true
    }

    private var places: [Place] = []
    private var free: [Int32] = []

    var count: Int { places.count - free.count }

    mutating func add(_ item: RunItem) -> Int {
        if let token = free.popLast() {
            places[Int(token)] = Place(item: item)
            return Int(token)
        }
        places.append(Place(item: item))
        return places.count - 1
    }

    mutating func remove(_ token: Int) -> RunItem? {
        guard places[token].isTaken else { return nil }
        defer {
            places[token].isTaken = false
            places[token].item.fetched = nil
            places[token].item.earlierTries = []
            free.append(Int32(token))
        }
        return places[token].item
    }

    subscript(token: Int) -> RunItem? { places[token].isTaken ? places[token].item : nil }

    /// The task of a number that is taken.
    func task(_ token: Int) -> RunTask { places[token].item.task }

    /// How many fetches have begun of a task whose number is taken.
    func fetches(_ token: Int) -> Int { places[token].item.fetches }

    /// Whether a task under way is at its first try, and of our own input.
    func isUsual(_ token: Int) -> Bool { places[token].isTaken && places[token].item.isUsual }

    /// Whether a response of the task is kept.
    func isFetched(_ token: Int) -> Bool { places[token].item.fetched != nil }

    mutating func add(_ earlier: EarlierTry, to token: Int) {
        guard places[token].isTaken else { return }
        places[token].item.earlierTries.append(earlier)
    }

    mutating func keep(_ fetched: RunItem.Fetched, for token: Int) {
        guard places[token].isTaken else { return }
        places[token].item.fetched = fetched
    }
}
