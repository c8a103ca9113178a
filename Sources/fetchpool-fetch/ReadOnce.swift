// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// Reads what is there, waiting for the first byte.
///
/// A descriptor that somebody else made non-blocking is shared with them, so it stays as it is.
///
/// - Returns: `false` at the end of input, and after a failure other than an interruption (`errno` says which; it is 0
///   at the end).
func readOnce(_ descriptor: Int32, into framer: inout LineFramer) -> Bool {
    var failure: Int32 = 0
    let count = unsafe framer.fill(room: 64 << 10) { room in
        let count = unsafe read(descriptor, room.baseAddress, room.count)
        failure = count < 0 ? errno : 0
        return max(count, 0)
    }
    if count > 0 || failure == EINTR { return true }
    if failure == EAGAIN {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        unsafe _ = poll(&entry, 1, -1)
        return true
    }
    errno = failure
    return false
}
