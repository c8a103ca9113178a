// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform
import ProcessPool
import Synchronization

/// A queue between a thread that may wait and the pool thread, which may not.
///
/// It bounds what it holds by weight; an element heavier than the bound is let in when the queue is empty.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    // `condition` guards everything below; that makes the class safe to share.
    private let condition = NSCondition()
    private var elements = Deque<Element>()
    private var isClosed = false
    private var waiters = 0
    /// Changed under the lock, and read without it.
    private let weight = Atomic(0)
    private let limit: Int
    private let weigh: @Sendable (Element) -> Int

    package init(limit: Int, weigh: @escaping @Sendable (Element) -> Int) {
        self.limit = limit
        self.weigh = weigh
    }

    /// Adds an element, and waits while the queue is full; `false` if it was closed meanwhile.
    func push(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while isFull, !isClosed { wait() }
        guard !isClosed else { return false }
        add(element)
        return true
    }

    /// Adds an element at once, whatever the queue holds.
    package func pushWithoutWaiting(_ element: Element) {
        condition.lock()
        defer { condition.unlock() }
        add(element)
    }

    /// Takes the next element at once; `nil` if there is none.
    func pop() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        return take()
    }

    /// Takes the next element, and waits for one; `nil` once the queue is closed and empty.
    func popWaiting() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isClosed { wait() }
        return take()
    }

    /// Takes the next element and those behind it that weigh no more than `most` with it, and waits for the first; empty once the queue
    /// is closed and empty.
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

    /// Lets nothing more in; what is there can still be taken.
    package func close() {
        condition.lock()
        isClosed = true
        wakeWaiters()
        condition.unlock()
    }

    /// Whether the queue is closed and empty.
    package var isFinished: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isClosed && elements.isEmpty
    }

    /// Whether the queue holds as much as it may.
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

/// The batches that were read and wait for the run; closed after the last.
package typealias InputQueue = BoundedQueue<InputBatch>

extension BoundedQueue<InputBatch> {
    /// A queue that lets the reading thread be 1 MiB of memory ahead of the run, but by one batch at least.
    static func forInput() -> InputQueue {
        InputQueue(limit: 1 << 20) { $0.weight }
    }
}
