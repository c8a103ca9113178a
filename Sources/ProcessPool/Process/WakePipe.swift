// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

/// Wakes the pool thread out of its `poll`, from any thread.
///
/// Both ends are close-on-exec and non-blocking. They close when the last holder lets go.
package final class WakePipe: Sendable {
    /// Polls readable after `wake`.
    package let readEnd: Int32
    let writeEnd: Int32

    /// Makes a pipe; traps when the process is out of descriptors, since nothing can run then.
    package init() {
        var (reader, writer): (Int32, Int32) = (-1, -1)
        let result = unsafe clinux_pipe(&reader, &writer, O_NONBLOCK)
        precondition(result == 0, "no descriptor is left for a pipe")
        (readEnd, writeEnd) = (reader, writer)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Wakes the pool thread.
    ///
    /// A full pipe is already a call to wake.
    package func wake() {
        var byte: UInt8 = 1
        unsafe _ = write(writeEnd, &byte, 1)
    }

    /// Takes what was written, so that `poll` sleeps again.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while unsafe read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
