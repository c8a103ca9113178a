// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform

/// The thread that reads the coordinator's messages while the main thread works.
enum ReadingThread {
    /// The size of the thread's stack, in bytes.
    ///
    /// The whole stack counts as data (RLIMIT_DATA of getrlimit(2)). So a stack of the default 8 MiB would
    /// take memory from the tasks. A much smaller stack would not suffice: in a build without optimisation,
    /// deeply nested JSON needs most of these 2 MiB.
    private static let stackBytes = 2 << 20

    /// Starts the thread, which runs until the process ends.
    ///
    /// - Returns: `false` if the system refuses a thread (`errno` has the reason).
    static func start(_ reader: sending CoordinatorReader) -> Bool {
        let failure = SystemThread.start(stackBytes: stackBytes) { [reader] in
            // If the call fails, the process writes no crash line after a stack overflow of this thread.
            _ = clinux_add_signal_stack()
            var reader = reader
            reader.run()
        }
        errno = failure
        return failure == 0
    }
}
