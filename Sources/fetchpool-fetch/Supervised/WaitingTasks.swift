// SPDX-License-Identifier: MIT
// fetchpool

/// Tasks that have not begun, in the order they came; each can still be given back.
struct WaitingTasks {
    struct Task {
        let seq: Int
        var object: [UInt8]
        /// It was tried before.
        let isRetry: Bool
    }

    private var tasks: [Task] = []
    private var head = 0

    var isEmpty: Bool { head == tasks.count }

    mutating func add(_ task: Task) { tasks.append(task) }

    /// Takes the task that waits longest.
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

    /// Takes up to `count` tasks, newest first, and gives their numbers.
    mutating func takeNewest(_ count: Int) -> [Int] {
        var taken: [Int] = []
        while taken.count < count, !isEmpty, let task = tasks.popLast() { taken.append(task.seq) }
        return taken
    }

    /// Takes one task by its number; `false` if it does not wait here.
    mutating func take(_ seq: Int) -> Bool {
        guard let index = tasks[head...].firstIndex(where: { $0.seq == seq }) else { return false }
        tasks.remove(at: index)
        return true
    }
}
