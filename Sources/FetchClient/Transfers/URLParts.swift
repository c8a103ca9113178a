// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// A parsed URL in libcurl's form (curl_url(3)).
///
/// Without this form, libcurl would parse each URL twice. If a URL has the origin of the URL set before,
/// usually only path and query are set. The handle of a transfer points to the memory of this object, so the
/// transfer keeps the object as long as the handle.
///
/// Bounds of the unsafe code: texts passed to libcurl end with NUL.
@safe
final class URLParts {
    private let parts: OpaquePointer
    /// The part of the current URL before its path; empty if the next URL must be set as a whole.
    private var origin: [UInt8] = []

    /// Creates an empty URL; returns `nil` if memory runs out.
    init?() {
        guard let parts = unsafe curl_url() else { return nil }
        unsafe self.parts = unsafe parts
    }

    deinit { unsafe curl_url_cleanup(parts) }

    /// The value for CURLOPT_CURLU.
    var pointer: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(parts) }

    /// Sets the URL; returns true if libcurl accepts it.
    func set(_ url: TargetURL) -> Bool {
        let text = url.text
        let path = Int(url.pathStart)
        if isOrigin(text, upTo: path), setRest(text, from: path) { return true }
        origin.removeAll(keepingCapacity: true)
        guard set(CURLUPART_URL, text, 0..<text.count) else { return false }
        origin.append(contentsOf: text[..<path])
        return true
    }

    /// Sets the URL with a stand-in for its host; returns true if libcurl accepts this URL.
    ///
    /// The URL Standard allows characters in a host that libcurl refuses, such as `!` and `*`. An HTTP proxy
    /// can still fetch such an http URL (`Transfer.setTarget`). The stand-in is below `invalid`, a domain
    /// without hosts (RFC 6761 §6.4), so without a proxy the look-up of the stand-in fails.
    func setStandIn(for url: TargetURL) -> Bool {
        origin.removeAll(keepingCapacity: true)
        var text = url.text
        text.replaceSubrange(url.hostRange, with: "host.invalid".utf8)
        return set(CURLUPART_URL, text, 0..<text.count)
    }

    private func isOrigin(_ text: [UInt8], upTo end: Int) -> Bool {
        guard origin.count == end, end > 0 else { return false }
        for index in 0..<end where text[index] != origin[index] { return false }
        return true
    }

    /// Sets only path and query; returns false if libcurl refuses them or might change them.
    ///
    /// libcurl changes the case of the hexadecimal digits after a percent sign, and may drop an empty query.
    private func setRest(_ text: [UInt8], from start: Int) -> Bool {
        var query = text.count
        for index in start..<text.count {
            if text[index] == UInt8(ascii: "%") { return false }
            if text[index] == UInt8(ascii: "?"), query == text.count { query = index }
        }
        guard set(CURLUPART_PATH, text, start..<query) else { return false }
        guard query < text.count else {
            return unsafe curl_url_set(parts, CURLUPART_QUERY, nil, 0) == CURLUE_OK
        }
        return query + 1 < text.count && set(CURLUPART_QUERY, text, query + 1..<text.count)
    }

    private func set(_ part: CURLUPart, _ text: [UInt8], _ range: Range<Int>) -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: range.count + 1) { copy in
            for (place, index) in range.enumerated() { unsafe copy[place] = CChar(bitPattern: text[index]) }
            unsafe copy[range.count] = 0
            return unsafe curl_url_set(parts, part, copy.baseAddress, 0) == CURLUE_OK
        }
    }
}
