// SPDX-License-Identifier: MIT
// fetchpool

/// A queue with two ends over one array that is used round and round.
package struct RingQueue<Element: Sendable>: Sendable {
    private var slots: [Element?] = []
    private var head = 0
    /// The elements held.
    package private(set) var count = 0

    /// Creates an empty queue.
    package init() {}

    /// Whether nothing is held.
    package var isEmpty: Bool { count == 0 }

    /// The element that `popFirst` would take.
    package var first: Element? { count > 0 ? slots[head] : nil }

    /// Adds an element at the end.
    package mutating func append(_ element: Element) {
        growIfFull()
        slots[(head + count) & (slots.count - 1)] = element
        count += 1
    }

    /// Adds an element in front.
    package mutating func prepend(_ element: Element) {
        growIfFull()
        head = (head - 1) & (slots.count - 1)
        slots[head] = element
        count += 1
    }

    /// Takes the first element, and lets go of it.
    package mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        defer {
            slots[head] = nil
            head = (head + 1) & (slots.count - 1)
            count -= 1
        }
        return slots[head]
    }

    /// The capacity is a power of two, so that an index wraps by a mask.
    private mutating func growIfFull() {
        guard count == slots.count else { return }
        var larger: [Element?] = []
        larger.reserveCapacity(max(16, count * 2))
        for index in 0..<count { larger.append(slots[(head + index) & (slots.count - 1)]) }
        larger.append(contentsOf: repeatElement(nil, count: max(16, count * 2) - count))
        (slots, head) = (larger, 0)
    }
}
