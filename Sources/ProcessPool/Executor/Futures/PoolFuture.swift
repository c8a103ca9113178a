// SPDX-License-Identifier: MIT
// fetchpool

/// A task of a pool, and the value of the task once it has ended.
///
/// Copies of a future stand for the same task, and are equal. A future may be used from any thread, and after
/// its pool was shut down.
public struct PoolFuture<Value: Sendable>: Sendable {
    let raw: RawFuture
    let decode: @Sendable (Span<UInt8>) throws -> Value

    /// The value of the task; waits until the task has ended.
    ///
    /// The result is decoded at each access. If the waiting Swift task is cancelled, the pool's task is
    /// cancelled as by ``cancel()``.
    ///
    /// - Throws: ``ProcessPoolError``, or `CancellationError` if the task was cancelled.
    public var value: Value {
        get async throws { try await raw.wait().value(decode) }
    }

    /// Returns the value of the task; waits until the task has ended, for `timeout` at most.
    ///
    /// After a time-out, the task continues. If the waiting Swift task is cancelled, the pool's task is
    /// cancelled as by ``cancel()``.
    ///
    /// - Throws: ``ProcessPoolError/timedOut(_:)`` if the task has not ended in time; otherwise the errors
    ///   that ``value`` throws.
    public func result(timeout: Duration) async throws -> Value {
        if let outcome = raw.currentOutcome { return try outcome.value(decode) }
        if timeout > .zero {
            let ended = Signal()
            raw.notify(ended) { ended.fire() }
            defer { raw.forget(ended) }
            // A detached task is not cancelled with this Swift task.
            let wait = Task.detached { await ended.wait(for: timeout) }
            await withTaskCancellationHandler {
                await wait.value
            } onCancel: {
                cancel()
            }
        }
        guard let outcome = raw.currentOutcome else { throw ProcessPoolError.timedOut(timeout) }
        return try outcome.value(decode)
    }

    /// The error of the task; `nil` if the task has a value, or has not ended.
    public var error: (any Error)? {
        guard let outcome = raw.currentOutcome else { return nil }
        do {
            _ = try outcome.value(decode)
            return nil
        } catch {
            return error
        }
    }

    /// The state of the task.
    public var state: FutureState { raw.currentState }

    /// True if the task has ended: with a value, with an error, or because it was cancelled.
    public var isDone: Bool { state.isDone }

    /// Cancels the task.
    ///
    /// A pending task ends immediately, and never runs. If the worker of the task may still be starting, the
    /// task also ends immediately, but the worker may still do the task. A program may be starting until its
    /// first line has come, unless the pool knows that the program sends no `hello`.
    ///
    /// In all other cases, the worker is asked to give up the task. A worker that works on the task has
    /// ``PoolConfiguration/cancelGrace`` to do so; a result that comes in this time counts. After this time,
    /// the worker is ended, and its other tasks go to other workers. For a task that the worker has begun
    /// meanwhile, see ``PoolConfiguration/crashRetries``.
    ///
    /// If the worker does several tasks at the same time, only the cancelled task ends. But a worker that
    /// sends `start` is ended if it works only on cancelled tasks, and these tasks keep it from beginning
    /// other tasks.
    ///
    /// The code that works on the task sees the cancellation if it is an asynchronous ``WorkerFunction`` or a
    /// `ConcurrentTaskHandler`: its Swift task is cancelled. A program that reads the worker protocol itself
    /// gets the message `cancel`. Other code is not told.
    ///
    /// - Returns: `false` if the task had already ended; otherwise `true`.
    @discardableResult public func cancel() -> Bool { raw.core.cancel(raw) }

    /// Calls `body` when the task has ended.
    ///
    /// If the task has already ended, `body` is called before this function returns. Otherwise `body` is
    /// called later, on a thread of Swift's thread pool. Closures that were added before the end are called
    /// one after another, in the order in which they were added. `body` may use the pool.
    public func onCompletion(_ body: @escaping @Sendable (PoolFuture<Value>) -> Void) {
        raw.call { body(self) }
    }
}

extension PoolFuture: Hashable {
    /// Returns `true` if both futures stand for the same task.
    public static func == (left: Self, right: Self) -> Bool { left.raw === right.raw }

    /// Hashes the identity of the task.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(raw)) }
}
