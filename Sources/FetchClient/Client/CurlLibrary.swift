// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc

/// The process-wide state of libcurl.
enum CurlLibrary {
    /// Initialises libcurl if necessary; returns true if libcurl is ready.
    ///
    /// `FetchClient.init` calls this function, so create the first client before other threads start.
    ///
    /// The memory functions of `CLinux` work around a fault of libcurl 7.88. A reused easy handle still
    /// points to the last header field of its previous response, although libcurl has freed this field. If
    /// the header of the next response begins with a blank, libcurl reads and enlarges the freed memory. Any
    /// server can cause this. With these functions, a transfer can keep the memory of the old field alive
    /// (`clinux_hold`).
    static func start() -> Bool {
        unsafe clinux_watch_stream_ends(noteStreamEnd)
        unsafe clinux_watch_session_ends(noteSessionEnd)
        return unsafe curl_global_init_mem(
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
