// SPDX-License-Identifier: MIT
// fetchpool

/// A double-ended queue, stored in one array that is used as a ring.
///
/// The functions of the queue are inlinable: a call across modules costs 50 ns, and each task passes through
/// several queues. The type is `public` because Swift 6.3 does not inline a `package` function into another
/// module.
public struct Deque<Element: Sendable>: Sendable {
    @usableFromInline var slots: [Element?] = []
    @usableFromInline var head = 0
    @usableFromInline var held = 0

    /// Creates an empty queue.
    @inlinable public init() {}

    /// The number of elements.
    @inlinable public var count: Int { held }

    /// True if the queue has no elements.
    @inlinable public var isEmpty: Bool { held == 0 }

    /// The first element; `nil` if the queue is empty.
    @inlinable public var first: Element? { held > 0 ? slots[head] : nil }

    /// Adds an element at the end.
    @inlinable public mutating func append(_ element: Element) {
        if held == slots.count { grow() }
        slots[(head + held) & (slots.count - 1)] = element
        held += 1
    }

    /// Adds an element in front.
    @inlinable public mutating func prepend(_ element: Element) {
        if held == slots.count { grow() }
        head = (head - 1) & (slots.count - 1)
        slots[head] = element
        held += 1
    }

    /// Removes and returns the first element; `nil` if the queue is empty.
    @inlinable public mutating func popFirst() -> Element? {
        guard held > 0 else { return nil }
        defer {
            slots[head] = nil
            head = (head + 1) & (slots.count - 1)
            held -= 1
        }
        return slots[head]
    }

    /// Enlarges the array.
    ///
    /// The size of the array stays a power of two, so a mask can wrap an index.
    @inlinable mutating func grow() {
        let size = max(16, held * 2)
        var larger: [Element?] = []
        larger.reserveCapacity(size)
        for index in 0..<held { larger.append(slots[(head + index) & (slots.count - 1)]) }
        for _ in held..<size { larger.append(nil) }
        (slots, head) = (larger, 0)
    }
}
