// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// Threads of pthreads(7), for programs that do without Foundation.
///
/// Bounds of the unsafe code here: the attributes are destroyed once; the pointer handed to the thread is a retained object,
/// released there exactly once, or here where no thread came to be.
package enum SystemThread {
    /// Carries what it is to do over to the thread, which alone uses it then.
    private final class Cargo: @unchecked Sendable {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Starts a detached thread, which ends when `body` returns.
    ///
    /// - Parameters:
    ///   - stackBytes: The size of its stack; `nil` for the usual one, 8 MiB on most systems. All of it counts as data
    ///     (RLIMIT_DATA of getrlimit(2)).
    ///   - body: What the thread does; it alone uses what that holds.
    /// - Returns: 0, or an error number if the system gives no thread.
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
}
