// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// A check that this process may create more threads.
package enum ThreadRoom {
    /// The stack of each thread in bytes: 1.5 times the usual 8 MiB, because the heap grows too.
    private static let stackBytes = 12 << 20

    /// Creates `count` threads at once and ends them again.
    ///
    /// Foundation does not report that it got no thread; it waits forever for that thread's work.
    ///
    /// - Returns: 0 if all were created; otherwise the error number of the first that was not, or of the pipe
    ///   that they need.
    package static func lack(of count: Int) -> Int32 {
        clinux_save_address_space()
        guard let pipe = Pipe() else { return errno }
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        var threads: [pthread_t] = []
        var failure: Int32 = 0
        while threads.count < count, failure == 0 {
            var thread = pthread_t()
            let descriptor = unsafe UnsafeMutableRawPointer(bitPattern: Int(pipe.reader) + 1)
            failure = unsafe pthread_create(
                &thread,
                &attributes,
                { pointer in
                    // Each thread waits for the end of the pipe, so that all threads live at the same time.
                    var byte: UInt8 = 0
                    unsafe _ = read(Int32(Int(bitPattern: pointer) - 1), &byte, 1)
                    return nil
                },
                descriptor
            )
            if failure == 0 { threads.append(thread) }
        }
        close(pipe.writer)
        for thread in threads { _ = pthread_join(thread, nil) }
        close(pipe.reader)
        return failure
    }
}
