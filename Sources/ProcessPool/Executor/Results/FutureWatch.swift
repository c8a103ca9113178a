// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Futures that one Swift task waits for.
///
/// The watch gives functions to the futures (`RawFuture.notify`). At its release, it removes the functions
/// that were not called.
final class FutureWatch<Value: Sendable>: Sendable {
    private let futures: [PoolFuture<Value>]
    private let arrivals = Arrivals()

    /// Watches futures, which must be distinct.
    init(_ futures: [PoolFuture<Value>]) {
        self.futures = futures
        for future in futures { future.raw.notify(arrivals) { [arrivals] in arrivals.add(future) } }
    }

    deinit { for future in futures { future.raw.forget(arrivals) } }

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

    /// The futures that have ended, in order; `take` has returned those before the index `next`.
    ///
    /// `@unchecked Sendable`: `lock` guards `futures` and `next`.
    private final class Arrivals: @unchecked Sendable {
        let signal = Signal()
        private let lock = NSLock()
        private var futures: [PoolFuture<Value>] = []
        private var next = 0

        func add(_ future: PoolFuture<Value>) {
            lock.lock()
            futures.append(future)
            lock.unlock()
            signal.fire()
        }

        func take() -> PoolFuture<Value>? {
            lock.lock()
            defer { lock.unlock() }
            guard next < futures.count else { return nil }
            defer { next += 1 }
            return futures[next]
        }
    }
}
