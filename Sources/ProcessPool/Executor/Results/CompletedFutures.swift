// SPDX-License-Identifier: MIT
// fetchpool

/// Futures in the order in which they end; see ``ProcessPoolExecutor/asCompleted(_:timeout:)``.
public struct CompletedFutures<Value: Sendable>: AsyncSequence, Sendable {
    private let futures: [PoolFuture<Value>]
    private let timeout: Duration?
    private let deadline: ContinuousClock.Instant?

    init(_ futures: some Sequence<PoolFuture<Value>>, timeout: Duration?) {
        var seen: Set<PoolFuture<Value>> = []
        self.futures = futures.filter { seen.insert($0).inserted }
        self.timeout = timeout
        deadline = timeout.map { ContinuousClock().now + $0.bounded }
    }

    /// Returns an iterator over the futures.
    public func makeAsyncIterator() -> Iterator {
        Iterator(futures, timeout, deadline)
    }

    /// An iterator over futures in the order in which they end.
    public struct Iterator: AsyncIteratorProtocol {
        private let watch: FutureWatch<Value>
        private let timeout: Duration?
        private let deadline: ContinuousClock.Instant?
        private var left: Int

        fileprivate init(
            _ futures: [PoolFuture<Value>],
            _ timeout: Duration?,
            _ deadline: ContinuousClock.Instant?
        ) {
            (self.timeout, self.deadline, left) = (timeout, deadline, futures.count)
            watch = FutureWatch(futures)
        }

        /// Returns the next future that has ended; `nil` after the last future or after an error.
        ///
        /// - Throws: If no further future has ended, `ProcessPoolError.timedOut` after the time-out, and
        ///   `CancellationError` after a cancellation of the calling Swift task.
        public mutating func next() async throws -> PoolFuture<Value>? {
            guard left > 0 else { return nil }
            while true {
                if let next = watch.take() {
                    left -= 1
                    return next
                }
                if Task.isCancelled {
                    left = 0
                    throw CancellationError()
                }
                let rest = deadline.map { $0 - ContinuousClock().now }
                if let rest, rest <= .zero {
                    left = 0
                    throw ProcessPoolError.timedOut(timeout ?? .zero)
                }
                await watch.wait(for: rest)
            }
        }
    }
}
