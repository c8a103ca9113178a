// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// Futures that one Swift task waits for.
///
/// The watch gives functions to the futures (`RawFuture.notify`). At its release, it removes the functions
/// that were not called. It does not keep a future that `take` has returned, nor the future's result.
final class FutureWatch<Value: Sendable>: Sendable {
    private let arrivals: Arrivals

    /// Watches futures, which must be distinct.
    init(_ futures: [PoolFuture<Value>]) {
        arrivals = Arrivals(futures)
        for future in futures { future.raw.notify(arrivals) { [arrivals] in arrivals.add(future) } }
    }

    deinit { for future in arrivals.takeWaiting() { future.raw.forget(arrivals) } }

    /// Returns the next future, in the order in which the futures ended; `nil` if no further future has
    /// ended.
    ///
    /// Each future is returned once. The futures that had ended before the watch was created come first, in
    /// their given order.
    func take() -> PoolFuture<Value>? { arrivals.take() }

    /// Waits until a future has ended since the last wait, `timeout` has passed, or this Swift task is
    /// cancelled.
    ///
    /// The first wait ends immediately if any future has ended already. If `timeout` is `nil`, there is no
    /// time limit.
    func wait(for timeout: Duration?) async { await arrivals.signal.wait(for: timeout) }

    /// The futures that have not ended, and those that have ended and that `take` has not returned.
    ///
    /// `@unchecked Sendable`: `lock` guards `waiting` and `ended`.
    private final class Arrivals: @unchecked Sendable {
        let signal = Signal()
        private let lock = NSLock()
        private var waiting: [ObjectIdentifier: PoolFuture<Value>]
        private var ended = Deque<PoolFuture<Value>>()

        init(_ futures: [PoolFuture<Value>]) {
            waiting = Dictionary(uniqueKeysWithValues: futures.map { (ObjectIdentifier($0.raw), $0) })
        }

        func add(_ future: PoolFuture<Value>) {
            lock.lock()
            waiting[ObjectIdentifier(future.raw)] = nil
            ended.append(future)
            lock.unlock()
            signal.fire()
        }

        func take() -> PoolFuture<Value>? {
            lock.lock()
            defer { lock.unlock() }
            return ended.popFirst()
        }

        func takeWaiting() -> [PoolFuture<Value>] {
            lock.lock()
            defer { lock.unlock() }
            defer { waiting = [:] }
            return Array(waiting.values)
        }
    }
}
