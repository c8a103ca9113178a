// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// The thread that reads what the coordinator sends while the main thread works.
///
/// Bounds of the unsafe code here: the attributes are destroyed once; the pointer handed to the thread is a retained object,
/// released there exactly once.
enum ReadingThread {
    /// The size of its stack, in bytes: all of it counts as data (getrlimit(2)), and the usual 8 MiB would be lost to the tasks.
    ///
    /// What takes most of it is JSON that nests as deep as is allowed, in a build without optimization.
    private static let stackBytes = 2 << 20

    /// Carries the reader over to the thread.
    private final class Cargo {
        var reader: CoordinatorReader
        init(_ reader: CoordinatorReader) { self.reader = reader }
    }

    /// Starts the thread, which lives as long as the process.
    ///
    /// - Returns: `false` if the system gives no thread (`errno` says why).
    static func start(_ reader: CoordinatorReader) -> Bool {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        let cargo = unsafe Unmanaged.passRetained(Cargo(reader)).toOpaque()
        let failure = unsafe pthread_create(
            &thread,
            &attributes,
            { pointer in
                // Without it only the line about a crash is missing.
                _ = clinux_add_signal_stack()
                guard let pointer = unsafe pointer else { return nil }
                let cargo = unsafe Unmanaged<Cargo>.fromOpaque(pointer).takeRetainedValue()
                var reader = cargo.reader
                reader.run()
            },
            cargo
        )
        errno = failure
        return failure == 0
    }
}
