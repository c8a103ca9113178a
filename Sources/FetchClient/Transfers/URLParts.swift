// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

/// A URL taken apart, as libcurl wants it: for a transfer it would else parse the text, write it anew, and parse it again.
///
/// From one URL to the next of the same server only path and query are set. The transfer owns this as long as its handle, which
/// points to it.
///
/// Bounds of the unsafe code here: texts that libcurl is given end with NUL.
@safe
final class URLParts {
    private let parts: OpaquePointer
    /// All of the URL in `parts` that stands before its path; empty if none is there.
    private var origin: [UInt8] = []

    /// Makes room for a URL; `nil` without memory.
    init?() {
        guard let parts = unsafe curl_url() else { return nil }
        unsafe self.parts = unsafe parts
    }

    deinit { unsafe curl_url_cleanup(parts) }

    /// What CURLOPT_CURLU takes.
    var pointer: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(parts) }

    /// Takes a URL; returns whether libcurl accepts it.
    func set(_ url: TargetURL) -> Bool {
        let text = url.text
        let path = Int(url.pathStart)
        if isOrigin(text, upTo: path), setRest(text, from: path) { return true }
        origin.removeAll(keepingCapacity: true)
        guard set(CURLUPART_URL, text, 0..<text.count) else { return false }
        origin.append(contentsOf: text[..<path])
        return true
    }

    private func isOrigin(_ text: [UInt8], upTo end: Int) -> Bool {
        guard origin.count == end, end > 0 else { return false }
        for index in 0..<end where text[index] != origin[index] { return false }
        return true
    }

    /// Sets path and query alone, unless libcurl would not take them just as they are: of percent signs it changes the letters
    /// behind, and an empty query it may drop.
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
