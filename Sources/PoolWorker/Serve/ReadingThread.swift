// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The thread that reads what the coordinator sends while the main thread works.
///
/// Bounds of the unsafe code here: the pointer handed to the thread is a retained object, released there exactly once.
enum ReadingThread {
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
        let cargo = unsafe Unmanaged.passRetained(Cargo(reader)).toOpaque()
        let failure = unsafe pthread_create(
            &thread,
            nil,
            { pointer in
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
