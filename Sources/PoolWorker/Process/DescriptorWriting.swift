// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Writes all of `bytes` to `descriptor`, however often the kernel takes only a part.
///
/// It waits where the descriptor is full, also where somebody else made it non-blocking.
///
/// - Returns: `false` when the reader is gone or the write failed (`errno` says why).
package func writeAll(_ bytes: Span<UInt8>, to descriptor: Int32) -> Bool {
    // The buffer lives for the call alone; every offset lies inside it.
    unsafe bytes.withUnsafeBytes { buffer in
        var offset = 0
        while offset < buffer.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[offset...])
            let count = unsafe write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                offset += count
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&waiting, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
