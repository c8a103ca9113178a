// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform
import ProcessPool
import Synchronization

/// A queue between a thread that may wait and the pool thread, which may not.
///
/// `push` waits while the sum of the elements' weights is at or above the limit. One element may therefore
/// exceed the limit.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    // `condition` guards everything below, which makes the class safe to share.
    private let condition = NSCondition()
    private var elements = Deque<Element>()
    private var isClosed = false
    private var waiters = 0
    /// The sum of all weights: written under the lock, read without it.
    private let weight = Atomic(0)
    private let limit: Int
    private let weigh: @Sendable (Element) -> Int

    package init(limit: Int, weigh: @escaping @Sendable (Element) -> Int) {
        self.limit = limit
        self.weigh = weigh
    }

    /// Adds an element, after waiting while the queue is full; returns `false`, without adding it, if the
    /// queue is closed.
    func push(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while isFull, !isClosed { wait() }
        guard !isClosed else { return false }
        add(element)
        return true
    }

    /// Adds an element at once, even to a full or closed queue.
    package func pushWithoutWaiting(_ element: Element) {
        condition.lock()
        defer { condition.unlock() }
        add(element)
    }

    /// Removes and returns the next element at once; `nil` if there is none.
    func pop() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        return take()
    }

    /// Removes and returns the next element, after waiting for one; `nil` once the queue is closed and empty.
    func popWaiting() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isClosed { wait() }
        return take()
    }

    /// Removes and returns the next elements, after waiting for the first one; an empty array once the queue
    /// is closed and empty.
    ///
    /// The elements weigh at most `most` together, except that a heavier first element is returned alone.
    func popAllWaiting(upTo most: Int) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isClosed { wait() }
        var (taken, room): ([Element], Int) = ([], most)
        while let next = elements.first, taken.isEmpty || weigh(next) <= room, let element = take() {
            taken.append(element)
            room -= weigh(element)
        }
        return taken
    }

    /// Closes the queue: `push` adds nothing more, and waiting threads wake up; elements in the queue can
    /// still be taken.
    package func close() {
        condition.lock()
        isClosed = true
        wakeWaiters()
        condition.unlock()
    }

    /// True while the queue is closed and empty.
    package var isFinished: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed && elements.isEmpty
    }

    /// True while the weight of the queue has reached the limit.
    package var isFull: Bool { weight.load(ordering: .sequentiallyConsistent) >= limit }

    private func wait() {
        waiters += 1
        condition.wait()
        waiters -= 1
    }

    private func wakeWaiters() {
        if waiters > 0 { condition.broadcast() }
    }

    private func add(_ element: Element) {
        elements.append(element)
        weight.add(weigh(element), ordering: .sequentiallyConsistent)
        wakeWaiters()
    }

    private func take() -> Element? {
        guard let element = elements.popFirst() else { return nil }
        weight.subtract(weigh(element), ordering: .sequentiallyConsistent)
        wakeWaiters()
        return element
    }
}

/// The queue of batches that the run has not taken yet; it is closed after the last batch, or when the run
/// ends early.
package typealias InputQueue = BoundedQueue<InputBatch>

extension BoundedQueue<InputBatch> {
    /// Returns a queue that is full when its batches take 1 MiB or more.
    static func forInput() -> InputQueue {
        InputQueue(limit: 1 << 20) { $0.weight }
    }
}
