// SPDX-License-Identifier: MIT
// fetchpool

/// What is to happen when: a binary heap by time, and in the order of adding at the same time.
struct Agenda<Entry> {
    fileprivate struct Slot {
        var time: Int
        let order: Int
        let entry: Entry

        static func < (left: Slot, right: Slot) -> Bool {
            left.time != right.time ? left.time < right.time : left.order < right.order
        }
    }

    fileprivate var heap: [Slot] = []
    private var added = 0

    /// The time of the next entry; `nil` if nothing is to happen.
    var next: Int? { heap.first?.time }

    mutating func add(_ entry: Entry, at time: Int) {
        heap.append(Slot(time: time, order: added, entry: entry))
        added += 1
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the next entry if its time has come.
    mutating func take(upTo time: Int) -> (time: Int, entry: Entry)? {
        guard let first = heap.first, first.time <= time else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.time, first.entry)
    }
}

extension Agenda {
    /// Moves everything that is to happen by so much.
    mutating func postpone(by time: Int) {
        for index in heap.indices { heap[index].time += time }
    }
}
