// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Synchronization
import TestThreads
import Testing

@testable import FetchRun

@Suite struct BoundedQueueTests {
    /// An object whose release can be observed.
    private final class Marker: Sendable {}

    /// A counter of the elements in a queue, whose `weigh` closure calls `weigh` of the counter.
    ///
    /// `push` weighs an element when it adds the element, and `popWaiting` weighs the element when it removes
    /// the element. So the second call of `weigh` for an element means that the element leaves the queue.
    private final class Load: Sendable {
        private let state = Mutex((inside: Set<Int>(), most: 0))

        /// The largest number of elements that were in the queue at one time.
        var most: Int { state.withLock { $0.most } }

        func weigh(_ element: Int) -> Int {
            state.withLock { state in
                if state.inside.insert(element).inserted {
                    state.most = max(state.most, state.inside.count)
                } else {
                    state.inside.remove(element)
                }
            }
            return 1
        }
    }

    @Test(.ownThread)
    func pushWaitsWhileTheQueueIsFull() {
        let load = Load()
        let queue = BoundedQueue<Int>(limit: 3) { load.weigh($0) }
        let all = 20_000
        Thread.detachNewThread {
            for number in 0..<all { #expect(queue.push(number)) }
            queue.close()
        }
        var next = 0
        while let number = queue.popWaiting() {
            #expect(number == next)
            next += 1
        }
        #expect(next == all)
        #expect(load.most <= 3)
    }

    @Test(.ownThread)
    func pushReturnsFalseWhenTheQueueIsClosed() {
        let queue = BoundedQueue<Int>(limit: 2) { _ in 1 }
        let pushed = Mutex(0)
        let (full, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            while queue.push(0) {
                if pushed.withLock({
                    $0 += 1; return $0
                }) == 2 {
                    full.signal()
                }
            }
            done.signal()
        }
        full.wait()
        queue.close()
        done.wait()
        #expect(pushed.withLock { $0 } == 2)
        #expect(!queue.isFinished)
        #expect([queue.popWaiting(), queue.popWaiting(), queue.popWaiting()] == [0, 0, nil])
        #expect(queue.isFinished)
        #expect(!queue.push(1))
        #expect(queue.pop() == nil)
    }

    @Test(.ownThread)
    func popWaitingReturnsNilWhenAnEmptyQueueIsClosed() {
        let queue = BoundedQueue<Int>(limit: 2) { _ in 1 }
        Thread.detachNewThread { queue.close() }
        #expect(queue.popWaiting() == nil)
    }

    @Test func theQueueReleasesARemovedElementWhileOtherElementsWait() {
        let queue = BoundedQueue<Marker>(limit: 100) { _ in 1 }
        weak var seen: Marker?
        do {
            let marker = Marker()
            seen = marker
            queue.pushWithoutWaiting(marker)
        }
        queue.pushWithoutWaiting(Marker())
        #expect(seen != nil)
        _ = queue.pop()
        #expect(seen == nil)
        #expect(queue.pop() != nil)
    }

    @Test func anElementHeavierThanTheLimitFillsTheQueueUntilItIsRemoved() {
        let queue = BoundedQueue<Int>(limit: 10) { $0 }
        #expect(queue.push(50))
        #expect(queue.isFull)
        #expect(queue.pop() == 50)
        #expect(!queue.isFull)
        queue.pushWithoutWaiting(4)
        queue.pushWithoutWaiting(5)
        #expect(!queue.isFull)
        queue.pushWithoutWaiting(1)
        #expect(queue.isFull)
    }

    @Test func elementsThatAreRemovedTogetherHaveALimitedWeight() {
        let queue = BoundedQueue<Int>(limit: 100) { $0 }
        for weight in [50, 3, 4, 5, 1] { queue.pushWithoutWaiting(weight) }
        queue.close()
        #expect(queue.popAllWaiting(upTo: 10) == [50])
        #expect(queue.popAllWaiting(upTo: 10) == [3, 4])
        #expect(queue.popAllWaiting(upTo: 10) == [5, 1])
        #expect(queue.popAllWaiting(upTo: 10) == [])
    }

    @Test func aLineWeighsMoreInTheInputQueueThanItsBytes() {
        let queue = InputQueue.forInput()
        let line = InputLine.of("http://a/")
        var short = InputBatch()
        for _ in 0..<6_000 { short.add(line) }
        queue.pushWithoutWaiting(short)
        #expect(!queue.isFull)
        queue.pushWithoutWaiting(short)
        #expect(queue.isFull)
    }
}
