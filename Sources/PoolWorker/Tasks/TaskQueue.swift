// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// Which tasks a sequential worker holds, and which of them has begun.
///
/// It knows no thread, lock or descriptor.
///
/// Invariant: a task leaves it exactly once, either taken to be worked on or given back.
struct TaskQueue: Sendable {
    /// Whether no more tasks will come.
    private(set) var isDraining = false
    /// Whether a task was taken and not yet finished.
    private(set) var isBusy = false
    // Taken from the front at `head`, which moves, so that taking a task does not move all others.
    private var waiting: [HeldTask?] = []
    private var head = 0

    /// The number of tasks that were neither answered nor given back.
    var held: Int { waiting.count - head + (isBusy ? 1 : 0) }

    /// Adds tasks in the order they came.
    mutating func add(_ tasks: [HeldTask]) {
        // One by one: as a whole they would first be made an array of optionals.
        for task in tasks { waiting.append(task) }
    }

    /// Says that the task in hand is answered, and takes the oldest one that waits; `nil` if none does.
    mutating func takeNext() -> HeldTask? {
        isBusy = head < waiting.count
        guard isBusy else { return nil }
        let task = waiting[head].take()
        head += 1
        // Half of the room is moved over at most once per doubling, so each task is moved about once.
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 1024, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return task
    }

    /// Removes up to `max` tasks that have not begun, and returns their numbers, newest first.
    mutating func recall(max: Int) -> [Int] {
        let count = min(Swift.max(max, 0), waiting.count - head)
        let seqs = waiting.suffix(count).reversed().compactMap { $0?.assignment.seq }
        waiting.removeLast(count)
        return seqs
    }

    /// Removes the task called `seq` if it has not begun; returns whether it did.
    mutating func cancel(seq: Int) -> Bool {
        guard let index = waiting[head...].firstIndex(where: { $0?.assignment.seq == seq }) else {
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
