// SPDX-License-Identifier: MIT
// fetchpool

/// A queue with two ends over one array that is used round and round.
///
/// Other modules compile it into their own code: a call across the border costs 50 ns, too much for what every task passes several
/// times. That takes `public`: what is `package` and inlinable is called all the same (Swift 6.3).
public struct Deque<Element: Sendable>: Sendable {
    @usableFromInline var slots: [Element?] = []
    @usableFromInline var head = 0
    @usableFromInline var held = 0

    /// Creates an empty queue.
    @inlinable public init() {}

    /// The number of elements held.
    @inlinable public var count: Int { held }

    /// True while nothing is held.
    @inlinable public var isEmpty: Bool { held == 0 }

    /// The element that `popFirst` would take.
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

    /// Takes the first element, and lets go of it.
    @inlinable public mutating func popFirst() -> Element? {
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
