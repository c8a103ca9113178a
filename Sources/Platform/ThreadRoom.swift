// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// A check that this process can create more threads.
package enum ThreadRoom {
    /// The size of the stack of each thread that `lack` creates, in bytes: the usual 8 MiB, and 4 MiB more.
    ///
    /// The additional 4 MiB of each thread are free for the heap after the threads have ended.
    private static let stackBytes = 12 << 20

    /// Creates `count` threads that exist at the same time, and ends them.
    ///
    /// Call this function before Foundation is used: if Foundation gets no thread, it waits forever without a
    /// message.
    ///
    /// - Returns: 0 if all threads were created; otherwise the error number of pipe(2) or pthread_create(3).
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
                    // Each thread waits until `pipe.writer` is closed.
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
