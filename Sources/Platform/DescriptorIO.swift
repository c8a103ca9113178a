// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc

// Functions that read and write with read(2) and write(2).
//
// If the descriptor is non-blocking, `readOnce` and `writeAll` wait with poll(2). They do not change the flag
// O_NONBLOCK, because another process can share the descriptor.

/// Waits until `descriptor` is ready for one of `events`, has failed, or has lost its other end.
///
/// The wait lasts at most `milliseconds`; −1 means no limit. A signal can end the wait early.
package func waitUntilReady(_ descriptor: Int32, for events: Int32, milliseconds: Int32 = -1) {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    unsafe _ = poll(&entry, 1, milliseconds)
}

/// Reads available bytes into `room`; waits if there are none.
///
/// - Returns: The number of bytes; 0 at the end of the input; −1 on failure, with the reason in `errno`.
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

/// Writes `bytes`, or only their first part, with write(2).
///
/// - Returns: The number of written bytes; −1 on failure, with the reason in `errno`. The reason is EAGAIN if
///   a non-blocking descriptor takes no byte now.
package func writeSome(_ bytes: Span<UInt8>, to descriptor: Int32) -> Int {
    // The buffer is used during this call only.
    unsafe bytes.withUnsafeBytes { buffer in
        while true {
            let count = unsafe write(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 || errno != EINTR { return count }
        }
    }
}

/// Writes all of `bytes` to `descriptor`; waits while the kernel's buffer is full.
///
/// - Parameters:
///   - bytes: The bytes to write.
///   - descriptor: The descriptor to write to.
///   - wrote: Called after each successful write(2) with the number of bytes that it has written.
/// - Returns: True if all bytes were written; otherwise false, with the reason in `errno`.
package func writeAll(
    _ bytes: Span<UInt8>,
    to descriptor: Int32,
    wrote: (Int) -> Void = { _ in }
) -> Bool {
    writeAll(bytes, to: descriptor, mayWait: true, orUntil: { false }, wrote: wrote)
}

/// Writes all of `bytes` to `descriptor`; waits while the kernel's buffer is full, until `givesUp` returns
/// true.
///
/// If the descriptor is blocking, each write(2) gets at most `PIPE_BUF` bytes, and is called only while there
/// is space for them. Such a write(2) waits only in two cases: if another process fills the buffer at the
/// same moment, or if the descriptor leads to a terminal that shows nothing more.
///
/// - Parameters:
///   - bytes: The bytes to write.
///   - descriptor: The descriptor to write to.
///   - givesUp: Called before each wait of at most 100 ms; if it returns true, `writeAll` returns false.
///   - wrote: Called after each successful write(2) with the number of bytes that it has written.
/// - Returns: True if all bytes were written; otherwise false, with the reason in `errno`. The reason is
///   EAGAIN if `givesUp` returned true.
package func writeAll(
    _ bytes: Span<UInt8>,
    to descriptor: Int32,
    orUntil givesUp: () -> Bool,
    wrote: (Int) -> Void = { _ in }
) -> Bool {
    let isNonblocking = fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0
    return writeAll(bytes, to: descriptor, mayWait: isNonblocking, orUntil: givesUp, wrote: wrote)
}

/// Writes all of `bytes` as `writeAll(_:to:orUntil:wrote:)` does; if `mayWait` is true, write(2) is called
/// without a check that there is space.
private func writeAll(
    _ bytes: Span<UInt8>,
    to descriptor: Int32,
    mayWait: Bool,
    orUntil givesUp: () -> Bool,
    wrote: (Int) -> Void
) -> Bool {
    var offset = 0
    while offset < bytes.count {
        let rest = bytes.extracting(offset...)
        let count =
            mayWait
            ? writeSome(rest, to: descriptor)
            : writeIfReady(rest.extracting(first: Int(PIPE_BUF)), to: descriptor)
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

/// Writes all of `lines` to `descriptor`; waits while the kernel's buffer is full.
///
/// A write(2) of more than `PIPE_BUF` bytes that waits in a full pipe does not show what it has written, and
/// other writers of the pipe can write between its bytes (pipe(7)). So a pipe, a socket or a terminal gets
/// whole lines, of at most `PIPE_BUF` bytes together, while there is space for them. A longer line is written
/// in several pieces.
///
/// - Parameters:
///   - lines: The lines to write, each with its line feed.
///   - descriptor: The descriptor to write to.
///   - wrote: Called after each successful write(2) with the number of bytes that it has written.
/// - Returns: True if all lines were written; otherwise false, with the reason in `errno`.
package func writeLines(
    _ lines: Span<UInt8>,
    to descriptor: Int32,
    wrote: (Int) -> Void = { _ in }
) -> Bool {
    guard let status = OpenFolder.status(of: descriptor),
        status.isPipe || status.isSocket || isatty(descriptor) == 1
    else { return writeAll(lines, to: descriptor, wrote: wrote) }
    var start = 0
    while start < lines.count {
        var end = min(start + Int(PIPE_BUF), lines.count)
        if end < lines.count {
            var last = end
            while last > start, lines[last - 1] != 0x0A { last -= 1 }
            if last > start {
                end = last
            } else {
                while end < lines.count, lines[end - 1] != 0x0A { end += 1 }
            }
        }
        let piece = lines.extracting(start..<end)
        guard writeAll(piece, to: descriptor, orUntil: { false }, wrote: wrote) else { return false }
        start = end
    }
    return true
}

/// Writes all of `bytes` to a reader that may have stopped reading.
///
/// Once no byte could be written for about half a second, `givesUp` is called before each wait of at most
/// 100 ms. A slow reader without such a pause gets all bytes, even if `givesUp` returns true from the
/// beginning.
///
/// - Returns: True if all bytes were written; otherwise false, with the reason in `errno`. The reason is
///   EAGAIN if `givesUp` returned true.
package func writeAll(
    _ bytes: Span<UInt8>,
    to descriptor: Int32,
    orUntilUnread givesUp: () -> Bool
) -> Bool {
    let fewestWaits = 5
    var waits = 0
    return writeAll(
        bytes,
        to: descriptor,
        orUntil: {
            waits += 1
            return waits > fewestWaits && givesUp()
        },
        wrote: { _ in waits = 0 }
    )
}

/// Writes as `writeSome` does, if there is space now; otherwise returns −1, with EAGAIN in `errno`.
private func writeIfReady(_ bytes: Span<UInt8>, to descriptor: Int32) -> Int {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    if unsafe poll(&entry, 1, 0) > 0 { return writeSome(bytes, to: descriptor) }
    errno = EAGAIN
    return -1
}

/// Returns true if a write failed with `number` because the reader has left.
///
/// EPIPE means that the reader has closed the pipe or socket. ECONNRESET means that the reader has closed a
/// socket with unread bytes (RFC 2525 §2.17).
package func hasReaderLeft(_ number: Int32) -> Bool { number == EPIPE || number == ECONNRESET }

/// Finds errors of earlier writes that the file system reports only when a descriptor is closed.
///
/// The function closes a copy of `descriptor`. NFS reports a full quota in this way (close(2)).
///
/// - Returns: True if no such error was found; otherwise false, with the reason in `errno`.
package func isWrittenOut(_ descriptor: Int32) -> Bool {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    // Without a free descriptor, nothing can be found.
    guard copy >= 0, close(copy) != 0 else { return true }
    return errno == EINTR || errno == EBADF
}

/// The two ends of a pipe, both close-on-exec (pipe2(2)).
///
/// The owner closes both ends.
package struct Pipe: Sendable {
    /// The end to read from.
    package let reader: Int32
    /// The end to write to.
    package let writer: Int32

    /// Creates a pipe; returns `nil` on failure, with the reason in `errno`.
    ///
    /// - Parameter isNonblocking: True if reading and writing never wait (O_NONBLOCK).
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

/// A pipe through which another thread or a signal handler wakes a thread that waits in poll(2).
///
/// Both ends are closed when nothing refers to the object any more.
package final class WakePipe: Sendable {
    private let pipe: Pipe

    /// The end that the thread passes to poll(2).
    package var readEnd: Int32 { pipe.reader }
    /// The end to which a signal handler writes a byte.
    package var writeEnd: Int32 { pipe.writer }

    /// Creates a pipe; traps if the system refuses a pipe.
    package convenience init() {
        guard let pipe = Pipe(isNonblocking: true) else {
            preconditionFailure("no descriptor is left for a pipe")
        }
        self.init(pipe)
    }

    /// Takes over a pipe with non-blocking ends.
    package init(_ pipe: Pipe) { self.pipe = pipe }

    deinit { pipe.close() }

    /// Wakes the thread.
    ///
    /// A full pipe is readable already, so a failed write needs no handling.
    package func wake() {
        var byte: UInt8 = 1
        unsafe _ = write(pipe.writer, &byte, 1)
    }

    /// Reads all bytes, so the next poll(2) waits again.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while unsafe read(pipe.reader, &bytes, bytes.count) > 0 {}
    }

    /// Waits for a byte in the pipe, at most `milliseconds` (−1 means no limit), and then clears the pipe.
    ///
    /// A signal can end the wait early.
    package func wait(milliseconds: Int32 = -1) {
        waitUntilReady(pipe.reader, for: POLLIN, milliseconds: milliseconds)
        clear()
    }
}
