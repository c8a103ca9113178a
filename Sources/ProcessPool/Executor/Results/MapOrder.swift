// SPDX-License-Identifier: MIT
// fetchpool

/// The results of a map that have come and were not returned.
///
/// The results of an ordered map are returned in the order of the tasks. The results of any other map are
/// returned in the order in which they came.
///
/// The pool gives cheap tasks to a worker in blocks. So results of consecutive tasks often come together,
/// as a run. Runs are stored instead of single results, so that a `MapArrival` is accessed less often. An
/// access takes longer than the other work on a cheap result.
struct MapOrder {
    /// Results of consecutive tasks in one arrival.
    private struct Run {
        let arrival: MapArrival
        /// The number of the first task.
        var first: Int
        /// The index of the first result in the arrival.
        var index: Int
        var count: Int
    }

    private let isOrdered: Bool
    private var arrivals: [MapArrival] = []
    /// The next result that `nextRun` reads: the index of its arrival in `arrivals`, and the index of the
    /// result in this arrival.
    private var (place, index) = (0, 0)
    /// The number of the task whose result is returned next; in an unordered map, the number of results that
    /// were returned.
    private var next = 0
    /// In an ordered map, the runs that are to be returned later; the key is the number of a run's first
    /// task.
    ///
    /// In an unordered map, the rest of a run that was returned in part; the key is `next`.
    private var parked: [Int: Run] = [:]

    init(isOrdered: Bool) { self.isOrdered = isOrdered }

    /// Adds results that have come.
    ///
    /// Call this function only after `take` has used up the earlier arrivals.
    mutating func add(_ more: [MapArrival]) {
        (arrivals, place, index) = (more, 0, 0)
    }

    /// Removes the next results and appends their values to `values`, up to a total of `most`.
    ///
    /// The function stops earlier if the next task's result has not come; in an unordered map, if no result
    /// is left.
    ///
    /// - Throws: The error of the first of these tasks that has no value. The result of this task is removed
    ///   too, and `values` then has the values of the tasks before it.
    mutating func take<Value>(
        into values: inout [Value],
        upTo most: Int,
        _ decode: (Span<UInt8>) throws -> Value
    ) throws {
        while values.count < most {
            guard var run = parked.removeValue(forKey: next) ?? nextRun() else {
                arrivals = []
                return
            }
            guard !isOrdered || run.first == next else {
                parked[run.first] = run
                continue
            }
            let count = min(run.count, most - values.count)
            let earlier = values.count
            defer {
                // If the error of a task is thrown, its result is removed like those that became values.
                let taken = min(values.count - earlier + 1, count)
                next += taken
                run.first += taken
                run.index += taken
                run.count -= taken
                if run.count > 0 { parked[next] = run }
            }
            try run.arrival.results.append(run.index..<run.index + count, to: &values, decode)
        }
    }

    /// Removes the next run from `arrivals`; returns `nil` if there is none.
    private mutating func nextRun() -> Run? {
        while place < arrivals.count {
            let numbers = arrivals[place].results.numbers
            guard index < numbers.count else {
                (place, index) = (place + 1, 0)
                continue
            }
            var run = Run(arrival: arrivals[place], first: numbers[index], index: index, count: 1)
            while index + run.count < numbers.count, numbers[index + run.count] == run.first + run.count {
                run.count += 1
            }
            index += run.count
            return run
        }
        return nil
    }
}
