// SPDX-License-Identifier: MIT
// fetchpool

/// The condition for which `wait` waits.
public enum WaitCondition: Hashable, Sendable {
    /// At least one future has ended.
    case firstCompleted
    /// At least one future has ended without a value, or all futures have ended.
    ///
    /// A future ends without a value because of an error, or because its task was cancelled.
    case firstError
    /// All futures have ended.
    case all
}

/// The futures that had ended when a wait was over, and the futures that had not.
public struct WaitResult<Value: Sendable>: Sendable {
    /// The futures that had ended.
    public var done: Set<PoolFuture<Value>>
    /// The futures that had not ended.
    public var notDone: Set<PoolFuture<Value>>
}

extension ProcessPoolExecutor {
    /// Waits until the futures meet `condition`, `timeout` has passed, or the calling Swift task is
    /// cancelled.
    ///
    /// If `timeout` is `nil`, there is no time limit. The tasks that have not ended when the wait is over
    /// continue. The futures may be of any pool.
    ///
    /// - Returns: The futures that have ended, and the futures that have not.
    public func wait<Value>(
        _ futures: some Sequence<PoolFuture<Value>>,
        for condition: WaitCondition = .all,
        timeout: Duration? = nil
    ) async -> WaitResult<Value> {
        let all = Set(futures)
        let watch = FutureWatch(Array(all))
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0.bounded }
        var done: Set<PoolFuture<Value>> = []
        var hasFailed = false
        while true {
            while let next = watch.take() {
                done.insert(next)
                if condition == .firstError, !hasFailed { hasFailed = next.error != nil }
            }
            let isOver = done.count == all.count || condition == .firstCompleted && !done.isEmpty || hasFailed
            let left = deadline.map { $0 - clock.now }
            if isOver || left.map({ $0 <= .zero }) ?? false || Task.isCancelled {
                return WaitResult(done: done, notDone: all.subtracting(done))
            }
            await watch.wait(for: left)
        }
    }

    /// Returns futures in the order in which they end.
    ///
    /// Futures that have ended before the iteration begins come first, in the order of `futures`. Each future
    /// comes once, even if it was given twice. The futures may be of any pool.
    ///
    /// Errors of tasks are not thrown; ask each future for its value. If the Swift task that iterates is
    /// cancelled, the sequence returns the futures that have ended. If other futures are left, the sequence
    /// then throws `CancellationError`, and the tasks continue.
    ///
    /// - Parameters:
    ///   - futures: The futures to wait for.
    ///   - timeout: The longest time from this call to the end of the last future; `nil` for no limit. After
    ///     this time, the sequence returns the futures that have ended. If other futures are left, the
    ///     sequence then throws ``ProcessPoolError/timedOut(_:)``, and the tasks continue.
    /// - Returns: An asynchronous sequence of the futures.
    public func asCompleted<Value>(
        _ futures: some Sequence<PoolFuture<Value>>,
        timeout: Duration? = nil
    ) -> CompletedFutures<Value> {
        CompletedFutures(futures, timeout: timeout)
    }
}
