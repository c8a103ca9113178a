// SPDX-License-Identifier: MIT
// fetchpool

/// A binary heap of entries, ordered by time; entries with the same time are taken in the order in which they
/// were added.
///
/// All times have the same unit, which the caller chooses. The methods are inlinable, because they take much
/// of a simulation's time.
package struct Agenda<Entry> {
    /// An entry with its time, and its number in the order of addition.
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

    /// The entries as a binary heap, with the next entry first.
    @usableFromInline package var heap: [Slot] = []
    /// The number of entries added so far.
    @usableFromInline package var added = 0

    /// Creates an empty agenda.
    @inlinable
    package init() {}

    /// The time of the next entry; `nil` if there is none.
    @inlinable
    package var next: Int? { heap.first?.time }

    /// Adds an entry that is due at `time`.
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

    /// Removes and returns the next entry if its time is at most `time`; otherwise returns `nil`.
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

    /// Delays all entries by `time`.
    @inlinable
    package mutating func postpone(by time: Int) {
        for index in heap.indices { heap[index].time += time }
    }
}
