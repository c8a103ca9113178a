// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// Functions that create threads with pthreads(7), for programs without Foundation, and that change how
/// threads are scheduled.
///
/// Bounds of the unsafe code here: the attributes are destroyed once. The pointer given to the thread points
/// to a retained object. The thread releases the object once; if no thread was created, `start` releases it.
package enum SystemThread {
    /// A container that carries the body to the new thread.
    ///
    /// After the start of the thread, only the thread uses the container.
    private final class Cargo: @unchecked Sendable {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Starts a detached thread, which ends when `body` returns.
    ///
    /// - Parameters:
    ///   - stackBytes: The size of the stack in bytes; `nil` for the default, 8 MiB on most systems. The
    ///     whole stack counts as data (RLIMIT_DATA of getrlimit(2)).
    ///   - body: The function that the thread runs; only the thread uses the captured values.
    /// - Returns: 0, or an error number if the system refuses a thread.
    package static func start(stackBytes: Int? = nil, _ body: sending @escaping () -> Void) -> Int32 {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        if let stackBytes { unsafe pthread_attr_setstacksize(&attributes, stackBytes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let cargo = unsafe Unmanaged.passRetained(Cargo(body)).toOpaque()
        var thread = pthread_t()
        let failure = unsafe pthread_create(
            &thread,
            &attributes,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                unsafe Unmanaged<Cargo>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            },
            cargo
        )
        if failure != 0 { unsafe Unmanaged<Cargo>.fromOpaque(cargo).release() }
        return failure
    }

    /// Creates a thread and waits for its end, to learn whether the system allows one more thread.
    ///
    /// - Returns: 0, or an error number if the system refuses a thread.
    package static func lackOfOne() -> Int32 {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 128 << 10)
        var thread = pthread_t()
        let failure = unsafe pthread_create(&thread, &attributes, { _ in nil }, nil)
        if failure == 0 { pthread_join(thread, nil) }
        return failure
    }

    /// Gives the calling thread the policy SCHED_BATCH of sched(7): when this thread wakes up, it interrupts
    /// no other thread.
    ///
    /// A thread that wakes up often for little work then costs other threads less, and finds more work when
    /// it runs. On an idle core, it runs immediately, as with the default policy. On a busy core, it waits
    /// until the time slice of the running thread ends, usually a few milliseconds. Threads that the
    /// calling thread starts later inherit the policy. Nothing changes if the calling thread has another
    /// policy than the default, or if the system forbids the change, as a sandbox can do.
    package static func useBatchScheduling() { clinux_use_batch_scheduling() }

    /// Calls `body` with the default scheduling, which the processes started by `body` inherit.
    ///
    /// The scheduling changes only if the calling thread has called `useBatchScheduling`. If the user or
    /// other code has since given the thread another policy, that policy stays in effect.
    package static func pausingBatchScheduling<Failure: Error>(
        _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        clinux_pause_batch_scheduling(1)
        defer { clinux_pause_batch_scheduling(0) }
        try body()
    }
}
