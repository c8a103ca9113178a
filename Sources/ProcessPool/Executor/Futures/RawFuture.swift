// SPDX-License-Identifier: MIT
// fetchpool

/// One task of an executor: its JSON text (`payload`) until the task ends, and its outcome afterwards.
///
/// `@unchecked Sendable`: the lock of `core` guards everything except `token`, which only the pool thread
/// uses. The pool thread also reads the `payload` of a running task without the lock, because no other thread
/// ends a running task.
final class RawFuture: @unchecked Sendable {
    /// The result as JSON, or the reason why there is none.
    typealias Outcome = Result<[UInt8], any Error>

    /// A continuation or a function that waits for the end of the task.
    enum Waiter: Sendable {
        case continuation(CheckedContinuation<Void, Never>)
        case callback(@Sendable () -> Void)
        /// A function that must not block, because the thread that ends the task calls it; the key
        /// identifies the argument `key` of `notify`.
        case signal(ObjectIdentifier, @Sendable () -> Void)

        func isSignal(of key: ObjectIdentifier) -> Bool {
            if case .signal(key, _) = self { true } else { false }
        }
    }

    let core: PoolCore
    var payload: [UInt8]
    var state = FutureState.pending
    var outcome: Outcome?
    var waiters: [Waiter] = []
    /// The number by which the pool knows the task (`PoolTasks`) while the pool has the task; −1 at other
    /// times.
    var token = -1

    init(_ core: PoolCore, _ payload: [UInt8]) {
        (self.core, self.payload) = (core, payload)
    }

    /// Creates a task that has failed before it began.
    init(_ core: PoolCore, failed error: any Error) {
        (self.core, payload) = (core, [])
        (state, outcome) = (.finished, .failure(error))
    }

    /// Notes the end of the task; returns the waiters, or `nil` if the task had already ended.
    ///
    /// Call this function with the lock of `core` held.
    func end(_ outcome: Outcome, as state: FutureState) -> [Waiter]? {
        guard self.outcome == nil else { return nil }
        (self.outcome, self.state, payload) = (outcome, state, [])
        defer { waiters = [] }
        return waiters
    }

    var currentState: FutureState { core.locked { state } }

    var currentOutcome: Outcome? { core.locked { outcome } }

    /// Calls `signal` at the end of the task, or now if the task has already ended.
    ///
    /// If `key` is deallocated before the end of the task, `signal` may never be called: a later object can
    /// have the same address, and `forget` for the later object then removes `signal`.
    func notify(_ key: AnyObject, _ signal: @escaping @Sendable () -> Void) {
        let hasEnded = core.locked {
            guard outcome == nil else { return true }
            waiters.append(.signal(ObjectIdentifier(key), signal))
            return false
        }
        if hasEnded { signal() }
    }

    /// Removes the functions that `notify` has stored for `key` and that were not called.
    func forget(_ key: AnyObject) {
        let forgotten = core.locked {
            guard !waiters.isEmpty else { return [Waiter]() }
            let all = waiters
            waiters.removeAll { $0.isSignal(of: ObjectIdentifier(key)) }
            return all
        }
        // A removed function may have the last reference to an object. The object's `deinit` must not run
        // with the lock held, so it runs here.
        _ = forgotten
    }

    /// Calls `body` at the end of the task, on a thread of Swift's thread pool; if the task has already
    /// ended, calls `body` now on this thread.
    func call(_ body: @escaping @Sendable () -> Void) {
        let hasEnded = core.locked {
            guard outcome == nil else { return true }
            waiters.append(.callback(body))
            return false
        }
        if hasEnded { body() }
    }

    /// Waits for the end of the task; if the waiting Swift task is cancelled, the pool's task is cancelled.
    func wait() async -> Outcome {
        if let outcome = currentOutcome { return outcome }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasEnded = core.locked {
                    guard outcome == nil else { return true }
                    waiters.append(.continuation(continuation))
                    return false
                }
                if hasEnded { continuation.resume() }
            }
        } onCancel: {
            _ = core.cancel(self)
        }
        guard let outcome = currentOutcome else { preconditionFailure("the wait ended before the task") }
        return outcome
    }
}

extension [RawFuture.Waiter] {
    /// Resumes or calls the waiters; callbacks run one after another on a thread of Swift's thread pool.
    ///
    /// Do not hold the lock of the `PoolCore` when you call this function.
    func resume() {
        var callbacks: [@Sendable () -> Void] = []
        for waiter in self {
            switch waiter {
            case .continuation(let continuation): continuation.resume()
            case .signal(_, let signal): signal()
            case .callback(let body): callbacks.append(body)
            }
        }
        guard !callbacks.isEmpty else { return }
        Task.detached { [callbacks] in for body in callbacks { body() } }
    }
}

extension RawFuture.Outcome {
    /// Returns the value of the result.
    ///
    /// - Throws: The reason why there is no result; `ProcessPoolError.undecodableResult` if `decode` throws.
    func value<Value>(_ decode: (Span<UInt8>) throws -> Value) throws -> Value {
        let bytes = try get()
        do {
            return try decode(bytes.span)
        } catch {
            throw ProcessPoolError.undecodableResult("\(error)")
        }
    }
}
