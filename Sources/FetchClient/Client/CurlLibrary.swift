// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc

/// libcurl as a whole, once in a process.
enum CurlLibrary {
    /// Starts libcurl, if it has not started yet; returns whether it has.
    ///
    /// Further calls only count. There is no thread yet that could race with the first.
    ///
    /// A handle of libcurl 7.88 that is used again still points to the last field of its last answer, which was freed when
    /// the new transfer began. Where an answer's first field begins with a blank, libcurl joins it to that one: it reads
    /// and enlarges freed memory, and any server can have it do so. Hence the memory functions, by which a transfer
    /// holds that block.
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
