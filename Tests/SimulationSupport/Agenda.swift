// SPDX-License-Identifier: MIT
// fetchpool

/// What is to happen when: a binary heap by time, and in the order of adding at the same time.
///
/// Its methods can be inlined, for a simulation spends much of its time in them.
package struct Agenda<Entry> {
    @usableFromInline
    package struct Slot {
        @usableFromInline package var time: Int
        @usableFromInline package let order: Int
        @usableFromInline package let entry: Entry

        @inlinable
        package init(time: Int, order: Int, entry: Entry) {
            (self.time, self.order, self.entry) = (time, order, entry)
        }

        @inlinable
        package static func < (left: Slot, right: Slot) -> Bool {
            left.time != right.time ? left.time < right.time : left.order < right.order
        }
    }

    @usableFromInline package var heap: [Slot] = []
    @usableFromInline package var added = 0

    /// An agenda on which nothing stands.
    @inlinable
    package init() {}

    /// The time of the next entry; `nil` if nothing is to happen.
    @inlinable
    package var next: Int? { heap.first?.time }

    /// Puts down an entry, in whatever unit of time the others are.
    @inlinable
    package mutating func add(_ entry: Entry, at time: Int) {
        heap.append(Slot(time: time, order: added, entry: entry))
        added += 1
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the next entry if its time has come.
    @inlinable
    package mutating func take(upTo time: Int) -> (time: Int, entry: Entry)? {
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

    /// Moves everything that is to happen by so much.
    @inlinable
    package mutating func postpone(by time: Int) {
        for index in heap.indices { heap[index].time += time }
    }
}
