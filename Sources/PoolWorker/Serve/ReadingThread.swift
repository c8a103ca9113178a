// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform

/// The thread that reads what the coordinator sends while the main thread works.
enum ReadingThread {
    /// The size of its stack, in bytes: all of it counts as data (getrlimit(2)), and the usual 8 MiB would be lost to the tasks.
    ///
    /// What takes most of it is JSON that nests as deep as is allowed, in a build without optimization.
    private static let stackBytes = 2 << 20

    /// Starts the thread, which lives as long as the process.
    ///
    /// - Returns: `false` if the system gives no thread (`errno` says why).
    static func start(_ reader: sending CoordinatorReader) -> Bool {
        let failure = SystemThread.start(stackBytes: stackBytes) { [reader] in
            // Without it only the line about a crash is missing.
            _ = clinux_add_signal_stack()
            var reader = reader
            reader.run()
        }
        errno = failure
        return failure == 0
    }
}
