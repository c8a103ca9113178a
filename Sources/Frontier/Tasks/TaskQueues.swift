// SPDX-License-Identifier: MIT
// fetchpool

/// Any number of queues over one store, so that a queue costs two numbers and a task in any of them one place.
///
/// A task in no queue, because it waits for a time, keeps its place as well.
struct TaskQueues: Sendable {
    /// The two ends of one queue.
    struct Queue: Sendable {
        fileprivate var first = none
        fileprivate var last = none
        /// The tasks in it.
        fileprivate(set) var count = 0

        var isEmpty: Bool { count == 0 }
    }

    private struct Place: Sendable {
        var task: WaitingTask?
        var host = 0
        var next = none
        var previous = none
    }

    private static let none: Int32 = -1
    private var places: [Place] = []
    private var free: [Int32] = []

    /// The tasks held.
    var count: Int { places.count - free.count }

    /// The places in use or free; the most tasks that were held.
    var capacity: Int { places.count }

    /// Stores a task of a host; returns its place.
    mutating func store(_ task: WaitingTask, of host: Int) -> Int {
        if let place = free.popLast() {
            places[Int(place)] = Place(task: task, host: host)
            return Int(place)
        }
        places.append(Place(task: task, host: host))
        return places.count - 1
    }

    /// Takes a task that is in no queue.
    mutating func take(_ place: Int) -> WaitingTask? {
        guard let task = places[place].task.take() else { return nil }
        free.append(Int32(place))
        return task
    }

    subscript(place: Int) -> WaitingTask? { places[place].task }

    /// The host of the task at a place.
    func host(at place: Int) -> Int { places[place].host }

    /// Puts a task at the end of a queue.
    mutating func append(_ place: Int, to queue: inout Queue) {
        link(Int32(place), after: queue.last, before: Self.none, in: &queue)
    }

    /// Puts a task in front of a queue.
    mutating func prepend(_ place: Int, to queue: inout Queue) {
        link(Int32(place), after: Self.none, before: queue.first, in: &queue)
    }

    /// Takes the first task of a queue.
    mutating func takeFirst(of queue: inout Queue) -> WaitingTask? {
        guard !queue.isEmpty else { return nil }
        return remove(Int(queue.first), from: &queue)
    }

    /// Takes a task out of the queue that it is in.
    mutating func remove(_ place: Int, from queue: inout Queue) -> WaitingTask? {
        let (previous, next) = (places[place].previous, places[place].next)
        if previous == Self.none { queue.first = next } else { places[Int(previous)].next = next }
        if next == Self.none { queue.last = previous } else { places[Int(next)].previous = previous }
        queue.count -= 1
        return take(place)
    }

    /// The places of a queue's tasks, the newest first.
    func newestFirst(of queue: Queue) -> some Sequence<Int> {
        sequence(state: queue.last) { place in
            guard place != Self.none else { return nil }
            defer { place = places[Int(place)].previous }
            return Int(place)
        }
    }

    /// All places that hold a task, in no order.
    var all: some Sequence<Int> { places.indices.lazy.filter { places[$0].task != nil } }

    private mutating func link(
        _ place: Int32,
        after previous: Int32,
        before next: Int32,
        in queue: inout Queue
    ) {
        (places[Int(place)].previous, places[Int(place)].next) = (previous, next)
        if previous == Self.none { queue.first = place } else { places[Int(previous)].next = place }
        if next == Self.none { queue.last = place } else { places[Int(next)].previous = place }
        queue.count += 1
    }
}
