// SPDX-License-Identifier: MIT
// fetchpool

/// A queue with two ends over one array that is used round and round.
///
/// Other modules compile it into their own code: a call across the border costs 50 ns, too much for what every task passes several
/// times.
package struct Deque<Element: Sendable>: Sendable {
    @usableFromInline var slots: [Element?] = []
    @usableFromInline var head = 0
    @usableFromInline var held = 0

    /// Creates an empty queue.
    @inlinable package init() {}

    /// The number of elements held.
    @inlinable package var count: Int { held }

    /// Whether nothing is held.
    @inlinable package var isEmpty: Bool { held == 0 }

    /// The element that `popFirst` would take.
    @inlinable package var first: Element? { held > 0 ? slots[head] : nil }

    /// Adds an element at the end.
    @inlinable package mutating func append(_ element: Element) {
        if held == slots.count { grow() }
        slots[(head + held) & (slots.count - 1)] = element
        held += 1
    }

    /// Adds an element in front.
    @inlinable package mutating func prepend(_ element: Element) {
        if held == slots.count { grow() }
        head = (head - 1) & (slots.count - 1)
        slots[head] = element
        held += 1
    }

    /// Takes the first element, and lets go of it.
    @inlinable package mutating func popFirst() -> Element? {
        guard held > 0 else { return nil }
        defer {
            slots[head] = nil
            head = (head + 1) & (slots.count - 1)
            held -= 1
        }
        return slots[head]
    }

    /// The capacity is a power of two, so that an index wraps by a mask.
    @usableFromInline mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(16, held * 2))
        for index in 0..<held { larger.append(slots[(head + index) & (slots.count - 1)]) }
        larger.append(contentsOf: repeatElement(nil, count: max(16, held * 2) - held))
        (slots, head) = (larger, 0)
    }
}
