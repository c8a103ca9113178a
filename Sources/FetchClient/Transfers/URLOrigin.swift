// SPDX-License-Identifier: MIT
// fetchpool

import CCurl

/// The origin of a URL (RFC 6454 §4), as libcurl parses it.
///
/// Bounds of the unsafe code: texts end with NUL, and libcurl's texts are freed after they are copied.
struct URLOrigin: Hashable {
    private let scheme: String
    private let host: String
    private let port: String

    /// Makes the origin of a URL without NULs; nil if libcurl refuses the URL.
    init?(of url: [UInt8]) {
        guard let parts = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(parts) }
        let text = url.map { CChar(bitPattern: $0) } + [0]
        guard unsafe curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = unsafe Self.part(CURLUPART_SCHEME, of: parts),
            let host = unsafe Self.part(CURLUPART_HOST, of: parts),
            let port = unsafe Self.part(CURLUPART_PORT, of: parts)
        else { return nil }
        (self.scheme, self.host, self.port) = (scheme.lowercased(), host.lowercased(), port)
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        let code = unsafe curl_url_get(parts, part, &text, UInt32(CURLU_DEFAULT_PORT))
        guard code == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
