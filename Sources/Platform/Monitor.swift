// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A lock with a condition that a holder of the lock can wait for (pthread_cond_wait(3)).
///
/// The time limits of waits use `CLOCK_MONOTONIC`, so a change of the wall clock does not prolong a wait.
///
/// `@unchecked Sendable`: pthread locks and conditions work from every thread, and are not moved in memory.
@safe
package final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// Creates a lock that nobody holds.
    package init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the lock held; `body` may call `wait`.
    package func withLock<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Releases the lock, waits for a call of `signal` or `broadcast`, and takes the lock again.
    ///
    /// Call `wait` only inside `withLock`. `wait` may also return although nothing was signalled.
    package func wait() { unsafe pthread_cond_wait(condition, mutex) }

    /// Waits for a call of `signal` or `broadcast`, with the lock released; returns false after `seconds`.
    ///
    /// Call `wait` only inside `withLock`. `wait` may also return true although nothing was signalled.
    package func wait(seconds: Int) -> Bool {
        wait(until: MonotonicClock.nanoseconds() + seconds * 1_000_000_000)
    }

    /// Waits for a call of `signal` or `broadcast`, with the lock released; returns false when
    /// `MonotonicClock` reaches `nanoseconds`.
    ///
    /// Call `wait` only inside `withLock`. `wait` may also return true although nothing was signalled.
    package func wait(until nanoseconds: Int) -> Bool {
        var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
        return unsafe pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }

    /// Wakes one waiting thread, if there is one.
    package func signal() { unsafe pthread_cond_signal(condition) }

    /// Wakes all waiting threads.
    package func broadcast() { unsafe pthread_cond_broadcast(condition) }
}
