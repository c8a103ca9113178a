// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

// The functions that end and remove single pools while the loop runs.

extension PoolLoop {
    /// The longest wait for Foundation's termination handlers after the end of a pool, in nanoseconds.
    private static let reapLimit = 1_000_000_000

    /// Returns the pool with this number; traps if the loop has no such pool.
    subscript(number: Int) -> Pool {
        guard let pool = pools.first(where: { $0.number == number }) else {
            preconditionFailure("the loop has no pool \(number)")
        }
        return pool
    }

    /// Ends a pool's workers with SIGTERM, and with SIGKILL if they survive SIGTERM; the pool's tasks end as
    /// cancelled.
    ///
    /// The function has no effect on a pool that is already ending or has ended.
    package func terminate(_ pool: Int) {
        feed(.terminate, to: self[pool])
    }

    /// Ends tasks: immediately if no worker has them, otherwise when their workers return them or are gone.
    ///
    /// If a worker sends the result of such a task before that, the task ends with this result. After
    /// `grace`, a sequential worker that works on such a task is ended. With a concurrent worker, only the
    /// task ends, unless such tasks block the worker (`PoolState.endBlocked`). In a pool that is ending or
    /// has ended, this function has no effect.
    package func cancel(_ tokens: Set<Int>, of pool: Int, grace: PoolTime.Milliseconds) {
        feed(.cancelled(tokens: tokens, grace: grace), to: self[pool])
    }

    /// Returns the elements of `tokens` whose tasks are with workers that may still be starting.
    ///
    /// Even after the grace, `cancel` does not end a worker that may be starting.
    package func tokens(among tokens: Set<Int>, withStartingWorkersOf pool: Int) -> [Int] {
        let state = self[pool].state
        return state.tokens(among: tokens) { state.mayBeStarting($0) }
    }

    /// Returns `true` if a pool has ended, and none of its processes is left as a zombie.
    ///
    /// A grandchild can delay Foundation's termination handlers, so the result is also `true` a second after
    /// the end of the pool.
    package func isGone(_ pool: Int) -> Bool {
        guard let endedAt = self[pool].endedAt else { return false }
        return now - endedAt >= Self.reapLimit || !reaping.contains { $0.pool == pool }
    }

    /// Removes a pool that has ended; the other pools keep their numbers.
    package func removePool(_ pool: Int) {
        precondition(self[pool].hasEnded, "a pool must have ended before it is removed")
        pools.removeAll { $0.number == pool }
        host.poolLeft()
    }
}
