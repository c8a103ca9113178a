// SPDX-License-Identifier: MIT
// fetchpool

import Dispatch
import PoolWorker

/// A blocking call of an asynchronous function.
enum AsyncCall {
    /// The outcome of the call.
    ///
    /// `@unchecked Sendable`: `outcome` is written before the semaphore is signalled, and read after the wait
    /// for the semaphore.
    private final class Box<Value: Sendable>: @unchecked Sendable {
        var outcome: Result<Value, any Error>?
    }

    /// Runs `body` on Swift's threads, and blocks this thread until `body` has ended.
    ///
    /// If the pool cancels the worker's current task, the Swift task of `body` is cancelled.
    static func result<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value
    {
        let box = Box<Value>()
        let done = DispatchSemaphore(value: 0)
        let task = Task.detached {
            do {
                box.outcome = .success(try await body())
            } catch {
                box.outcome = .failure(error)
            }
            done.signal()
        }
        CurrentTask.awaits(task)
        done.wait()
        guard let outcome = box.outcome else { preconditionFailure("the call has ended without an outcome") }
        return try outcome.get()
    }
}
