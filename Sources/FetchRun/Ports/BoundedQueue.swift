// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform
import ProcessPool
import Synchronization

/// A queue between a thread that may wait and the pool thread, which runs the loop of `Run` and must not
/// wait.
///
/// The queue is full while the sum of all weights is at or above the limit. A push can bring the sum above
/// the limit.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    // `condition` guards the variables, which makes the class safe to share.
    private let condition = NSCondition()
    private var elements = Deque<Element>()
    private var isClosed = false
    private var waiters = 0
    /// The sum of the weights of all elements; it is changed with the lock held, and read without the lock.
    private let weight = Atomic(0)
    private let limit: Int
    private let weigh: @Sendable (Element) -> Int

    /// Creates an empty queue; `weigh` returns the weight of an element, in the unit of `limit`.
    ///
    /// The weight of an element must not change while the element is in the queue.
    package init(limit: Int, weigh: @escaping @Sendable (Element) -> Int) {
        self.limit = limit
        self.weigh = weigh
    }

    /// Waits until the queue has space, then adds an element.
    ///
    /// - Returns: `false` if the queue is closed; the element is then not added.
    func push(_ element: Element) -> Bool {
        change {
            while isFull, !isClosed { wait() }
            guard !isClosed else { return false }
            add(element)
            return true
        }
    }

    /// Adds an element, even to a full or closed queue.
    package func pushWithoutWaiting(_ element: Element) {
        change { add(element) }
    }

    /// Removes and returns the next element; `nil` if there is none.
    func pop() -> Element? {
        change { take() }
    }

    /// Waits for the next element, then removes and returns it; `nil` once the queue is closed and empty.
    func popWaiting() -> Element? {
        change {
            while elements.isEmpty, !isClosed { wait() }
            return take()
        }
    }

    /// Waits for an element, then removes and returns the next elements; an empty array once the queue is
    /// closed and empty.
    ///
    /// Together, the elements weigh at most `most`. A heavier first element is returned alone.
    func popAllWaiting(upTo most: Int) -> [Element] {
        change {
            while elements.isEmpty, !isClosed { wait() }
            var (taken, room): ([Element], Int) = ([], most)
            while let next = elements.first, taken.isEmpty || weigh(next) <= room, let element = take() {
                taken.append(element)
                room -= weigh(element)
            }
            return taken
        }
    }

    /// Closes the queue, and wakes all waiting threads.
    ///
    /// After that, `push` adds nothing. The elements in the queue can still be removed.
    package func close() {
        change { isClosed = true }
    }

    /// True while the queue is closed and empty.
    package var isFinished: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed && elements.isEmpty
    }

    /// True while there is no element.
    var isEmpty: Bool {
        condition.lock()
        defer { condition.unlock() }
        return elements.isEmpty
    }

    /// True while the sum of all weights is at or above the limit.
    package var isFull: Bool { weight.load(ordering: .sequentiallyConsistent) >= limit }

    /// Calls `body` with the lock held, releases the lock, and then wakes the waiting threads.
    ///
    /// If the lock were still held, a thread would wake up only to wait for the lock.
    private func change<Result>(_ body: () -> Result) -> Result {
        condition.lock()
        let result = body()
        let isAwaited = waiters > 0
        condition.unlock()
        if isAwaited { condition.broadcast() }
        return result
    }

    private func wait() {
        waiters += 1
        condition.wait()
        waiters -= 1
    }

    private func add(_ element: Element) {
        elements.append(element)
        weight.add(weigh(element), ordering: .sequentiallyConsistent)
    }

    private func take() -> Element? {
        guard let element = elements.popFirst() else { return nil }
        weight.subtract(weigh(element), ordering: .sequentiallyConsistent)
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
