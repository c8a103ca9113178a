// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc

/// The process-wide state of libcurl.
enum CurlLibrary {
    /// Initialises libcurl if necessary; returns true if libcurl is ready.
    ///
    /// Only the first successful call has an effect. The first `FetchClient` makes this call, so create that
    /// client before other threads start.
    ///
    /// The memory functions work around a fault of libcurl 7.88. A reused easy handle still points to the
    /// last header field of its previous response, but libcurl freed that field when the new transfer began.
    /// If the first field of the next response begins with a blank, libcurl reads and enlarges the freed
    /// memory.
    /// Any server can cause this. With these functions a transfer can hold the memory block of the old field
    /// (`clinux_hold`). The block is then freed only when the transfer releases it.
    static func start() -> Bool {
        unsafe curl_global_init_mem(
            Int(CURL_GLOBAL_DEFAULT),
            { unsafe malloc($0) },
            { unsafe clinux_free($0) },
            { unsafe clinux_realloc($0, $1) },
            { text in
                guard let text = unsafe text else { return nil }
                return unsafe strdup(text)
            },
            { unsafe clinux_calloc($0, $1) }
        ) == CURLE_OK
    }
}
