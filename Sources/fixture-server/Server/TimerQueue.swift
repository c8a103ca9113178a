// SPDX-License-Identifier: MIT
// fetchpool

/// The deadlines of connections, earliest first: a binary heap that knows no clock.
struct TimerQueue {
    /// A deadline, and whom it concerns.
    struct Entry {
        /// Nanoseconds of the monotonic clock.
        let deadline: UInt64
        let descriptor: Int32
        /// Unique in this queue.
        ///
        /// The connection remembers the one it waits for; others are stale and mean nothing.
        let id: UInt64
    }

    private var heap: [Entry] = []
    private var lastID: UInt64 = 0

    /// The earliest deadline, of a stale entry too.
    var earliest: UInt64? { heap.first?.deadline }

    /// Adds a deadline and returns its id, never 0.
    mutating func add(_ deadline: UInt64, for descriptor: Int32) -> UInt64 {
        lastID += 1
        heap.append(Entry(deadline: deadline, descriptor: descriptor, id: lastID))
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].deadline < heap[parent].deadline else { break }
            heap.swapAt(index, parent)
            index = parent
        }
        return lastID
    }

    /// Takes the earliest entry out if its time has come.
    mutating func popDue(at now: UInt64) -> Entry? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var index = 0
        while true {
            var least = index
            for side in [2 * index + 1, 2 * index + 2] where side < heap.count {
                if heap[side].deadline < heap[least].deadline { least = side }
            }
            if least == index { return first }
            heap.swapAt(index, least)
            index = least
        }
    }
}
