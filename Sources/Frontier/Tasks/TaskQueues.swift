// SPDX-License-Identifier: MIT
// fetchpool

/// An array of tasks that form any number of linked queues.
///
/// A task that waits for a timer has a place in the array, but is in no queue.
struct TaskQueues: Sendable {
    /// The two ends of one queue.
    struct Queue: Sendable {
        fileprivate var first = none
        fileprivate var last = none
        /// The number of tasks in the queue.
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

    /// The number of stored tasks, in a queue or not.
    var count: Int { places.count - free.count }

    /// The number of places, used or free.
    var capacity: Int { places.count }

    /// Stores a host's task, and returns the task's place; the task is in no queue yet.
    mutating func store(_ task: WaitingTask, of host: Int) -> Int {
        if let place = free.popLast() {
            places[Int(place)] = Place(task: task, host: host)
            return Int(place)
        }
        places.append(Place(task: task, host: host))
        return places.count - 1
    }

    /// Removes and returns a task that is in no queue; `nil` if the place is free.
    mutating func take(_ place: Int) -> WaitingTask? {
        guard let task = places[place].task.take() else { return nil }
        free.append(Int32(place))
        return task
    }

    subscript(place: Int) -> WaitingTask? { places[place].task }

    /// Returns the number (`HostTable`) of the host whose task is at a place.
    func host(at place: Int) -> Int { places[place].host }

    /// Puts a task at the end of a queue.
    mutating func append(_ place: Int, to queue: inout Queue) {
        link(Int32(place), after: queue.last, before: Self.none, in: &queue)
    }

    /// Puts a task at the front of a queue.
    mutating func prepend(_ place: Int, to queue: inout Queue) {
        link(Int32(place), after: Self.none, before: queue.first, in: &queue)
    }

    /// Removes and returns the first task of a queue; `nil` if the queue is empty.
    mutating func takeFirst(of queue: inout Queue) -> WaitingTask? {
        guard !queue.isEmpty else { return nil }
        return remove(Int(queue.first), from: &queue)
    }

    /// Removes and returns the task at a place; the task must be in `queue`.
    mutating func remove(_ place: Int, from queue: inout Queue) -> WaitingTask? {
        let (previous, next) = (places[place].previous, places[place].next)
        if previous == Self.none { queue.first = next } else { places[Int(previous)].next = next }
        if next == Self.none { queue.last = previous } else { places[Int(next)].previous = previous }
        queue.count -= 1
        return take(place)
    }

    /// Returns the places of a queue's tasks, from the end of the queue to its front.
    func newestFirst(of queue: Queue) -> some Sequence<Int> {
        sequence(state: queue.last) { place in
            guard place != Self.none else { return nil }
            defer { place = places[Int(place)].previous }
            return Int(place)
        }
    }

    /// The places that hold a task, in no defined order.
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
