// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

/// The content codings (RFC 9110 §8.4.1) that this libcurl can undo.
enum ContentCodings {
    /// The value of `Accept-Encoding`, as libcurl itself would send it where it is told to accept all it knows.
    static var accepted: String {
        // The structure is static in libcurl.
        let features = unsafe curl_version_info(CURLVERSION_FIRST)?.pointee.features ?? 0
        var names: [String] = []
        if features & CURL_VERSION_LIBZ != 0 { names += ["deflate", "gzip"] }
        if features & CURL_VERSION_BROTLI != 0 { names.append("br") }
        if features & CURL_VERSION_ZSTD != 0 { names.append("zstd") }
        return names.isEmpty ? "identity" : names.joined(separator: ", ")
    }
}
