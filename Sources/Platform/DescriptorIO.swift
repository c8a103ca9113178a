// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

// Reading and writing with read(2) and write(2), where a signal or somebody else's O_NONBLOCK may come between.
//
// A descriptor that somebody else made non-blocking is shared with them, so it stays as it is, and is polled.

/// Waits until `descriptor` polls ready for one of `events`, has failed, or `milliseconds` are over; −1 is without end.
///
/// It may also return early.
package func waitUntilReady(_ descriptor: Int32, for events: Int32, milliseconds: Int32 = -1) {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    unsafe _ = poll(&entry, 1, milliseconds)
}

/// Reads what is there, and waits for the first byte.
///
/// - Returns: The number of bytes; 0 at the end; −1 after a failure (`errno` says which).
package func readOnce(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer) -> Int {
    while true {
        let count = unsafe read(descriptor, room.baseAddress, room.count)
        if count >= 0 { return count }
        if errno == EAGAIN {
            waitUntilReady(descriptor, for: POLLIN)
        } else if errno != EINTR {
            return -1
        }
    }
}

/// Writes a part of `bytes`, as much as goes without waiting.
///
/// - Returns: The number of bytes; −1 after a failure (`errno` says which; it is EAGAIN where there is no room now).
package func writeSome(_ bytes: Span<UInt8>, to descriptor: Int32) -> Int {
    // The buffer lives for the call alone.
    unsafe bytes.withUnsafeBytes { buffer in
        while true {
            let count = unsafe write(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 || errno != EINTR { return count }
        }
    }
}

/// Writes all of `bytes` to `descriptor`, however often the kernel takes only a part, and waits where it is full.
///
/// - Parameters:
///   - bytes: What to write.
///   - descriptor: Where to.
///   - givesUp: Asked each 100 ms while there is no room; once it returns true nothing more is written.
///   - wrote: Told of each part that was written, in bytes.
/// - Returns: `false` when the reader is gone or the write failed (`errno` says why; EAGAIN where it was given up).
package func writeAll(
    _ bytes: Span<UInt8>,
    to descriptor: Int32,
    orUntil givesUp: () -> Bool = { false },
    wrote: (Int) -> Void = { _ in }
) -> Bool {
    var offset = 0
    while offset < bytes.count {
        let count = writeSome(bytes.extracting(offset...), to: descriptor)
        if count >= 0 {
            offset += count
            wrote(count)
            continue
        }
        guard errno == EAGAIN else { return false }
        if givesUp() {
            errno = EAGAIN
            return false
        }
        waitUntilReady(descriptor, for: POLLOUT, milliseconds: 100)
    }
    return true
}

/// Both ends of a pipe, close-on-exec from their first moment, so that no other child inherits them.
///
/// Whoever makes it closes the ends.
package struct Pipe: Sendable {
    /// The end to read from.
    package let reader: Int32
    /// The end to write to.
    package let writer: Int32

    /// Makes a pipe; returns `nil` where the system gives none (`errno` says why).
    ///
    /// - Parameter isNonblocking: Whether neither reading nor writing waits (O_NONBLOCK).
    package init?(isNonblocking: Bool = false) {
        var (reader, writer): (Int32, Int32) = (-1, -1)
        guard unsafe clinux_pipe(&reader, &writer, isNonblocking ? O_NONBLOCK : 0) == 0 else { return nil }
        (self.reader, self.writer) = (reader, writer)
    }

    /// Closes both ends.
    package func close() {
        Glibc.close(reader)
        Glibc.close(writer)
    }
}

/// Wakes a thread out of its `poll`, from any thread.
///
/// Both ends close when the last holder lets go.
package final class WakePipe: Sendable {
    private let pipe: Pipe

    /// Polls readable after `wake`.
    package var readEnd: Int32 { pipe.reader }
    /// The end that a signal handler writes a byte to.
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
