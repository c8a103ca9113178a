// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// Spellings of hosts that `TargetURL` does not accept, but redirects contain: names beyond ASCII, and
/// numbers that are IPv4 addresses.
///
/// Bounds of the unsafe code here: texts end with NUL, and the text of libcurl is freed after it was copied.
enum HostSpelling {
    /// Resolves a reference with libcurl; returns `nil` if libcurl does not accept it either.
    static func resolve(_ reference: [UInt8], against base: TargetURL) -> TargetURL? {
        guard !reference.contains(0), let parts = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(parts) }
        for (text, flags) in [(base.text, 0), (reference, CURLU_URLENCODE)] {
            let text = text.map { CChar(bitPattern: $0) } + [0]
            guard unsafe curl_url_set(parts, CURLUPART_URL, text, UInt32(flags)) == CURLUE_OK else {
                return nil
            }
        }
        var text: UnsafeMutablePointer<CChar>?
        let code = unsafe curl_url_get(parts, CURLUPART_URL, &text, UInt32(CURLU_PUNYCODE))
        guard code == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        let bytes = unsafe Array(String(cString: text).utf8.prefix { $0 != UInt8(ascii: "#") })
        return try? TargetURL(reading: bytes.span)
    }
}
