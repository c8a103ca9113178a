// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The waiting tasks of a sequential worker, and the state of its current task.
///
/// The queue uses no thread, lock or descriptor.
///
/// Invariant: a task leaves the queue exactly once, either to be worked on or to be returned.
struct TaskQueue: Sendable {
    /// True if no more tasks will come.
    private(set) var isDraining = false
    /// True if a task was taken and is not yet finished.
    private(set) var isBusy = false
    // Tasks are taken at `head`, which moves forward, so that taking a task does not move all others.
    private var waiting: [HeldTask?] = []
    private var head = 0

    /// The number of tasks that wait, plus one if a task has begun.
    var held: Int { waiting.count - head + (isBusy ? 1 : 0) }

    /// Adds tasks in the order in which they came.
    mutating func add(_ tasks: [HeldTask]) {
        // The tasks are added singly, because appending the whole array would first create an array of
        // optionals.
        for task in tasks { waiting.append(task) }
    }

    /// Ends the current task, then removes and returns the oldest waiting task; `nil` if no task waits.
    mutating func takeNext() -> HeldTask? {
        isBusy = head < waiting.count
        guard isBusy else { return nil }
        let task = waiting[head].take()
        head += 1
        // The array is moved only when half of it is free, so each task is moved about once.
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 1024, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return task
    }

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
