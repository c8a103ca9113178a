// SPDX-License-Identifier: MIT
// fetchpool

/// A queue of the connections' deadlines, earliest first.
///
/// The queue is a binary heap, and reads no clock: the caller passes the time.
struct TimerQueue {
    /// A deadline and its connection.
    struct Entry {
        /// The deadline, in nanoseconds of the monotonic clock.
        let deadline: UInt64
        let descriptor: Int32
        /// The id of the entry, unique in this queue.
        ///
        /// A connection keeps the id that it waits for; entries with other ids are stale and ignored.
        let id: UInt64
    }

    private var heap: [Entry] = []
    private var lastID: UInt64 = 0

    /// The earliest deadline, which may belong to a stale entry; nil if the queue is empty.
    var earliest: UInt64? { heap.first?.deadline }

    /// Adds a deadline; returns its id, which is never 0.
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

    /// Removes and returns the earliest entry if it is due; returns nil otherwise.
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
