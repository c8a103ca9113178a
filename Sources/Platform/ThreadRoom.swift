// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// True if this process may make more threads.
package enum ThreadRoom {
    /// The stack of each, in bytes: half as much again as threads have by custom, since the heap grows too.
    private static let stackBytes = 12 << 20

    /// Makes `count` threads at once and ends them again.
    ///
    /// Foundation says nothing where it gets no thread, and waits for ever for what that one was to do.
    ///
    /// - Returns: Why there are fewer, an error number; 0 if there are not.
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
                    // Each waits for the end of the pipe, so that all of them live at the same time.
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
