// SPDX-License-Identifier: MIT
// fetchpool

/// The condition for which `wait` waits.
public enum WaitCondition: Hashable, Sendable {
    /// The first future that has ended, in whatever way.
    case firstCompleted
    /// The first future that has ended with an error or was cancelled; all, if none does.
    case firstError
    /// All futures.
    case all
}

/// The futures that had ended when a wait was over, and the others.
public struct WaitResult<Value: Sendable>: Sendable {
    /// The futures that had ended.
    public var done: Set<PoolFuture<Value>>
    /// The futures that had not ended.
    public var notDone: Set<PoolFuture<Value>>
}

extension ProcessPoolExecutor {
    /// Waits for some of the futures, for `timeout` at most, and until this Swift task is cancelled.
    ///
    /// A time-out is no error, and cancels nothing. The futures may be of any pool, and may be given twice.
    ///
    /// - Returns: The futures that have ended, and the others.
    public func wait<Value>(
        _ futures: some Sequence<PoolFuture<Value>>,
        for condition: WaitCondition = .all,
        timeout: Duration? = nil
    ) async -> WaitResult<Value> {
        let all = Set(futures)
        let ended = Signal()
        for future in all { future.raw.notify { ended.fire() } }
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0 }
        while true {
            let done = all.filter(\.isDone)
            let isOver =
                switch condition {
                case .firstCompleted: !done.isEmpty || all.isEmpty
                case .firstError: done.count == all.count || done.contains { $0.error != nil }
                case .all: done.count == all.count
                }
            let left = deadline.map { $0 - clock.now }
            if isOver || left.map({ $0 <= .zero }) ?? false || Task.isCancelled {
                return WaitResult(done: done, notDone: all.subtracting(done))
            }
            await ended.wait(for: left)
        }
    }

    /// Looks at futures as they end, at those that have already ended first.
    ///
    /// Each future comes once, even if it was given twice. The futures may be of any pool. Errors of tasks are
    /// not thrown; ask each future for its value.
    ///
    /// - Parameters:
    ///   - futures: The futures to wait for.
    ///   - timeout: The longest time from this call to the last future; the sequence then throws
    ///     ``ProcessPoolError/timedOut(_:)``. The futures go on.
    /// - Returns: The futures in the order in which they end.
    public func asCompleted<Value>(
        _ futures: some Sequence<PoolFuture<Value>>,
        timeout: Duration? = nil
    ) -> CompletedFutures<Value> {
        CompletedFutures(futures, timeout: timeout)
    }
}
