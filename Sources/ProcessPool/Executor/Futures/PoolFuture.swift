// SPDX-License-Identifier: MIT
// fetchpool

/// A task of a pool, and the value of the task once it has ended.
///
/// Copies of a future stand for the same task, and are equal. A future may be used from any thread, and after
/// its pool was shut down. A future takes less than 1 KB beyond the input and the result of its task.
public struct PoolFuture<Value: Sendable>: Sendable {
    let raw: RawFuture
    let decode: @Sendable (Span<UInt8>) throws -> Value

    /// The value of the task; waits until the task has ended.
    ///
    /// The result is decoded at each access. If the waiting Swift task is cancelled, the pool's task is
    /// cancelled as by ``cancel()``, also for all other Swift tasks that wait for the pool's task.
    ///
    /// - Throws: ``ProcessPoolError``, or `CancellationError` if the task was cancelled.
    public var value: Value {
        get async throws { try await raw.wait().value(decode) }
    }

    /// Returns the value of the task; waits until the task has ended, for `timeout` at most.
    ///
    /// After a time-out the task continues, and you can wait for the task again. If `timeout` is 0 or less,
    /// this function does not wait. If the waiting Swift task is cancelled, the pool's task is cancelled as
    /// by ``cancel()``, and this function waits for the end of that task, but not longer than `timeout` in
    /// all.
    ///
    /// - Throws: ``ProcessPoolError/timedOut(_:)`` if the task has not ended in time; otherwise as ``value``.
    public func result(timeout: Duration) async throws -> Value {
        if let outcome = raw.currentOutcome { return try outcome.value(decode) }
        if timeout > .zero {
            let ended = Signal()
            raw.notify(ended) { ended.fire() }
            defer { raw.forget(ended) }
            // A detached task is not cancelled with this one.
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
    /// A pending task ends at once, and never runs. If the worker of a task is still starting and serves
    /// functions, the task ends at once; the function may be called all the same.
    ///
    /// Otherwise the worker is asked to give up the task. A worker that has not begun the task returns it. A
    /// worker that works on the task has ``PoolConfiguration/cancelGrace`` to give it up; a result that comes
    /// in this time counts. After this time, the worker is ended, and its other tasks go to other workers. If
    /// the worker does several tasks at once, only the cancelled task ends. A worker that has not sent
    /// a line yet is not ended for this reason.
    ///
    /// - Returns: `false` if the task had already ended, so that nothing changes; otherwise `true`.
    @discardableResult public func cancel() -> Bool { raw.core.cancel(raw) }

    /// Calls `body` once the task has ended.
    ///
    /// If the task has already ended, `body` is called before this function returns. Otherwise `body` is
    /// called later, on a thread of Swift's thread pool. All closures that were added to a future before the
    /// end are called one after another, in the order in which they were added. `body` may use the process
    /// pool, and shut it down.
    public func onCompletion(_ body: @escaping @Sendable (PoolFuture<Value>) -> Void) {
        raw.call { body(self) }
    }

    /// The outcome of a task that has ended; `nil` before.
    var outcome: Result<Value, any Error>? {
        raw.currentOutcome.map { outcome in Result { try outcome.value(decode) } }
    }
}

extension PoolFuture: Hashable {
    /// Returns `true` if both stand for the same task.
    public static func == (left: Self, right: Self) -> Bool { left.raw === right.raw }

    /// Hashes the identity of the task.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(raw)) }
}
