// SPDX-License-Identifier: MIT
// fetchpool

/// Tasks that have not begun, in order of arrival; each can still be returned to the coordinator.
struct WaitingTasks {
    struct Task {
        let seq: Int
        var object: [UInt8]
        /// True if this is not the first attempt of the task.
        let isRetry: Bool
    }

    private var tasks: [Task] = []
    private var head = 0

    var isEmpty: Bool { head == tasks.count }

    mutating func add(_ task: Task) { tasks.append(task) }

    /// Removes and returns the task that has waited longest; `nil` if none waits.
    mutating func takeOldest() -> Task? {
        guard !isEmpty else { return nil }
        let task = tasks[head]
        tasks[head].object = []
        head += 1
        if isEmpty {
            tasks.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1_024 {
            tasks.removeFirst(head)
            head = 0
        }
        return task
    }

    /// Removes up to `count` tasks, newest first, and returns their sequence numbers.
    mutating func takeNewest(_ count: Int) -> [Int] {
        var taken: [Int] = []
        while taken.count < count, !isEmpty, let task = tasks.popLast() { taken.append(task.seq) }
        return taken
    }

    /// Removes the task with the sequence number `seq`; returns false if that task does not wait.
    mutating func take(_ seq: Int) -> Bool {
        guard let index = tasks[head...].firstIndex(where: { $0.seq == seq }) else { return false }
        tasks.remove(at: index)
        return true
    }
}
