// SPDX-License-Identifier: MIT
// fetchpool

/// The tasks of one map on their way to the pool thread, and their results on the way back.
///
/// Tasks and results are passed on in batches: all tasks that are made together, and all results of one turn
/// of the pool thread's loop. So a cheap task needs no object, no locking and no wake-up of its own.
///
/// `@unchecked Sendable`: the lock of `core` guards the properties of the first group. Only the pool thread
/// uses the properties of the second group.
final class MapStream: @unchecked Sendable {
    let core: PoolCore
    /// Fired when results have come, or inputs could not be submitted.
    let changed = Signal()

    // Guarded by the lock of `core`.
    /// The results that the map has not taken.
    private var arrivals: [MapArrival] = []
    /// True if the map wants no more results.
    private(set) var isCancelled = false
    /// The number of tasks that wait in the queue of `core`.
    var pendingTasks = 0

    // Used by the pool thread only. Exclusive access is not checked, because each task changes `staged`, and
    // a check costs 20 ns. No callback uses `staged` during the change.
    /// The results of this turn, which the map cannot take yet.
    @exclusivity(unchecked) @safe
    private var staged = MapResults()

    init(_ core: PoolCore) { self.core = core }

    // MARK: The map

    /// Removes and returns the results that have come.
    func takeArrivals() -> [MapArrival] {
        core.locked {
            guard !arrivals.isEmpty else { return [] }
            defer { arrivals = [] }
            return arrivals
        }
    }

    /// Cancels all tasks that have not ended.
    func cancel() { core.cancel(self) }

    // MARK: With the lock of `core` held

    /// Notes the cancellation; returns `false` if it was noted before.
    func noteCancelled() -> Bool {
        guard !isCancelled else { return false }
        (isCancelled, arrivals) = (true, [])
        return true
    }

    func add(_ results: MapResults) {
        if !isCancelled { arrivals.append(MapArrival(results)) }
    }

    /// Adds the results of this turn to those that the map can take; called on the pool thread only.
    func publish() {
        add(staged)
        staged = MapResults()
    }

    // MARK: The pool thread

    /// Notes a result; returns `true` if it is the first result or error in this turn.
    func note(_ number: Int, _ result: Span<UInt8>) -> Bool {
        staged.add(number, result)
        return staged.count == 1
    }

    /// Notes an error; returns `true` if it is the first result or error in this turn.
    func note(_ number: Int, _ error: any Error) -> Bool {
        staged.add(number, error)
        return staged.count == 1
    }
}

/// Tasks of a map; the texts of these tasks are in one array.
///
/// `@unchecked Sendable`: the lock of `stream.core` guards `next`; everything else is constant.
final class MapBatch: @unchecked Sendable {
    let stream: MapStream
    /// The number of this batch's first task among all tasks of the map, from 0.
    let first: Int
    let bytes: [UInt8]
    private let ends: [Int]
    /// The index of the first task that the pool thread has not taken.
    var next = 0

    init(_ stream: MapStream, first: Int, bytes: [UInt8], ends: [Int]) {
        (self.stream, self.first, self.bytes, self.ends) = (stream, first, bytes, ends)
    }

    var count: Int { ends.count }

    /// Returns the range of a task's text in `bytes`.
    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Takes the tasks that the pool thread has not taken, and returns `error` as the result of each.
    ///
    /// Call this function with the lock of `stream.core` held.
    func takeRest(_ error: any Error) -> MapResults {
        var results = MapResults()
        for index in next..<count { results.add(first + index, error) }
        stream.pendingTasks -= count - next
        next = count
        return results
    }
}
