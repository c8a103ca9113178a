// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Futures that one Swift task waits for.
///
/// The futures that have not ended forget the watch once it is released.
final class FutureWatch<Value: Sendable>: Sendable {
    private let futures: [PoolFuture<Value>]
    private let arrivals = Arrivals()

    /// Watches futures, which must be distinct.
    init(_ futures: [PoolFuture<Value>]) {
        self.futures = futures
        for future in futures { future.raw.notify(arrivals) { [arrivals] in arrivals.add(future) } }
    }

    deinit { for future in futures { future.raw.forget(arrivals) } }

    /// Returns the next future that has ended, in the order in which they ended; `nil` if there is none.
    ///
    /// Each future is returned once. The futures that had ended before the watch was created come first, in
    /// their given order.
    func take() -> PoolFuture<Value>? { arrivals.take() }

    /// Waits until a future has ended since the last wait, `timeout` has passed, or this Swift task is
    /// cancelled.
    func wait(for timeout: Duration?) async { await arrivals.signal.wait(for: timeout) }

    /// The futures that have ended and were not returned.
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
