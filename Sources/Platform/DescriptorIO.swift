// SPDX-License-Identifier: MIT
// fetchpool

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
