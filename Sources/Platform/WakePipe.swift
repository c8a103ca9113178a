// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Wakes a thread out of its `poll`, from any thread.
///
/// Both ends close when the last holder lets go.
package final class WakePipe: Sendable {
    private let pipe: Pipe

    /// Polls readable after `wake`.
    package var readEnd: Int32 { pipe.reader }
    /// What a signal handler writes a byte to, to wake.
    package var writeEnd: Int32 { pipe.writer }

    /// Makes a pipe; traps when the process is out of descriptors, since nothing can run then.
    package init() {
        guard let pipe = Pipe(isNonblocking: true) else {
            preconditionFailure("no descriptor is left for a pipe")
        }
        self.pipe = pipe
    }

    deinit { pipe.close() }

    /// Wakes the thread.
    ///
    /// A full pipe is already a call to wake.
    package func wake() {
        var byte: UInt8 = 1
        unsafe _ = write(pipe.writer, &byte, 1)
    }

    /// Takes what was written, so that `poll` sleeps again.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while unsafe read(pipe.reader, &bytes, bytes.count) > 0 {}
    }

    /// Waits until somebody calls `wake`, for `milliseconds` at most; −1 is without end.
    package func wait(milliseconds: Int32 = -1) {
        waitUntilReady(pipe.reader, for: POLLIN, milliseconds: milliseconds)
        clear()
    }
}
