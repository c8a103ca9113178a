// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The waiting tasks of a worker, and the number of tasks that the worker works on.
///
/// The queue uses no thread, lock or descriptor.
///
/// Invariant: a task leaves the queue exactly once, either to be worked on or to be returned.
struct TaskQueue: Sendable {
    /// True if no more tasks will come.
    private(set) var isDraining = false
    /// The number of tasks that were taken and are not yet finished.
    private(set) var begun = 0
    /// The number of the task that the last call of `takeNext` returned; `nil` if this call returned `nil`,
    /// and before the first call.
    private(set) var current: Int?
    // Tasks are taken at `head`, which moves forward, so that taking a task does not move all others.
    private var waiting: [HeldTask?] = []
    private var head = 0

    /// The number of tasks that wait or have begun.
    var held: Int { waitingCount + begun }

    private var waitingCount: Int { waiting.count - head }

    /// Adds tasks in the order in which they came.
    mutating func add(_ tasks: some Sequence<HeldTask>) {
        // The tasks are added singly, because appending the whole sequence would first create an array of
        // optionals.
        for task in tasks { waiting.append(task) }
    }

    /// Ends the current task, then removes and returns the oldest waiting task; `nil` if no task waits.
    mutating func takeNext() -> HeldTask? {
        begun = 0
        let next = begin()
        current = next?.seq
        return next
    }

    /// Removes and returns the oldest waiting task, which has then begun; `nil` if no task waits.
    mutating func begin() -> HeldTask? {
        guard head < waiting.count else { return nil }
        begun += 1
        let task = waiting[head].take()
        head += 1
        // Tasks are moved only when half of the array is free, so no more tasks are moved than were taken.
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 1024, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return task
    }

    /// Counts the end of a task that had begun.
    mutating func end() { begun -= 1 }

    /// Removes up to `max` tasks that have not begun; returns their numbers, newest first.
    mutating func recall(max: Int) -> [Int] {
        let count = min(Swift.max(max, 0), waiting.count - head)
        let seqs = waiting.suffix(count).reversed().compactMap { $0?.seq }
        waiting.removeLast(count)
        return seqs
    }

    /// Removes the task with the number `seq` if it has not begun; returns `true` if it was removed.
    mutating func cancel(seq: Int) -> Bool {
        guard let index = waiting[head...].firstIndex(where: { $0?.seq == seq }) else {
            return false
        }
        waiting.remove(at: index)
        return true
    }

    /// Notes that no more tasks will come.
    mutating func drain() {
        isDraining = true
    }
}
