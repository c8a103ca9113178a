// SPDX-License-Identifier: MIT
// fetchpool

/// Reads a URL of `http`, `https` or `data` from left to right (URL Standard §4.4, the basic URL parser).
///
/// An escapable type cannot store a span, so each step is passed the same bytes.
struct WebURLReader {
    var scheme = WebURL.Scheme.http
    /// The normalized URL, as far as it was read, without user name, password and fragment.
    var text: [UInt8] = []
    /// The index of the next byte to read.
    var at = 0
    var port: UInt16 = 0
    var host = 0..<0
    var pathStart = 0
    var user: WebURL.UserInfo?
    var fragment: [UInt8]?

    /// Creates a reader for a URL of `count` bytes.
    init(expecting count: Int) {
        // An empty path becomes a slash, which takes one more byte.
        text.reserveCapacity(count + 1)
    }

    /// Reads a URL, or a reference relative to `base`; `Cleaning` has cleaned the bytes.
    mutating func read(_ bytes: Span<UInt8>, against base: WebURL?) throws(WebURLFault) {
        let named = try takeScheme(bytes)
        guard named || base != nil else { throw .noScheme }
        if named, scheme == .data {
            try readOpaque(bytes)
            return
        }
        if let base, !named, base.scheme == .data {
            try readFragment(bytes, of: base)
            return
        }
        var end = at
        while end < bytes.count, URLBytes.isSlash(bytes[end]) { end += 1 }
        if let base, !named || base.scheme == scheme {
            scheme = base.scheme
            if end - at < 2 {
                readRelative(bytes, to: base, isRooted: end > at)
                return
            }
        }
        at = end
        try readAuthority(bytes)
        text.append(UInt8(ascii: "/"))
        if at < bytes.count, URLBytes.isSlash(bytes[at]) { at += 1 }
        readPath(bytes)
        readQueryAndFragment(bytes)
    }

    /// Reads the scheme and its colon.
    ///
    /// Returns false if there is no scheme; throws if the scheme is not `http`, `https` or `data`.
    private mutating func takeScheme(_ bytes: Span<UInt8>) throws(WebURLFault) -> Bool {
        var end = 0
        // The last eight bytes of the scheme, in lower case, as one number.
        var letters: UInt64 = 0
        while end < bytes.count, URLBytes.scheme.contains(bytes[end]) {
            letters = letters << 8 | UInt64(bytes[end] | 0x20)
            end += 1
        }
        guard end > 0, URLBytes.isLetter(bytes[0]), end < bytes.count, bytes[end] == UInt8(ascii: ":") else {
            return false
        }
        switch (letters, end) {
        case (0x6874_7470, 4): scheme = .http
        case (0x68_7474_7073, 5): scheme = .https
        case (0x6461_7461, 4): scheme = .data
        default: throw .otherScheme(count: end)
        }
        at = end + 1
        return true
    }

    /// Reads a reference that names no host, from the byte after its scheme if it has a scheme.
    ///
    /// `isRooted` is true if the bytes from there on begin with a slash or a backslash.
    private mutating func readRelative(_ bytes: Span<UInt8>, to base: WebURL, isRooted: Bool) {
        (port, host, pathStart, user) = (base.port, base.host, base.pathStart, base.user)
        let path = base.text[base.pathStart...].prefix { $0 != UInt8(ascii: "?") }
        if isRooted {
            text.append(contentsOf: base.text[...base.pathStart])
            at += 1
            readPath(bytes)
        } else if at == bytes.count || bytes[at] == UInt8(ascii: "#") {
            text.append(contentsOf: base.text)
        } else if bytes[at] == UInt8(ascii: "?") {
            text.append(contentsOf: base.text[..<path.endIndex])
        } else {
            let folder = path.lastIndex(of: UInt8(ascii: "/")) ?? base.pathStart
            text.append(contentsOf: base.text[...folder])
            readPath(bytes)
        }
        readQueryAndFragment(bytes)
    }

    /// Reads a reference that is relative to a `data:` URL; throws unless it is a fragment.
    private mutating func readFragment(_ bytes: Span<UInt8>, of base: WebURL) throws(WebURLFault) {
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "#") else { throw .relativeToData }
        (scheme, text, host, pathStart) = (.data, base.text, base.host, base.pathStart)
        readFragment(bytes)
    }

    private mutating func readQueryAndFragment(_ bytes: Span<UInt8>) {
        if at < bytes.count, bytes[at] == UInt8(ascii: "?") { readQuery(bytes, keeping: URLBytes.query) }
        readFragment(bytes)
    }
}
