// SPDX-License-Identifier: MIT
// fetchpool

/// An absolute URL of `http`, `https` or `data`, read by the rules of the URL Standard
/// (<https://url.spec.whatwg.org>), as in web browsers.
///
/// Unlike the standard, this type refuses:
/// - a `data:` URL with a slash after its colon;
/// - an international name of more than 64 KiB;
/// - a label of more than 255 characters that would be converted to or from Punycode.
package struct WebURL: Sendable {
    /// The schemes that are read.
    package enum Scheme: UInt8, Sendable, Hashable {
        /// `http`, port 80 by default.
        case http
        /// `https`, port 443 by default.
        case https
        /// `data`, which has no host (RFC 2397).
        case data
    }

    /// The scheme.
    package let scheme: Scheme
    /// The port, or the scheme's default if the URL names none; 0 for `data:` URLs.
    package let port: UInt16
    /// The URL in ASCII, as the standard serializes it, without user name, password and fragment.
    package let text: [UInt8]
    /// The range of the host in the text, without the brackets of an IPv6 address; empty for `data:` URLs.
    package let host: Range<Int>
    /// The index in the text at which the path begins.
    package let pathStart: Int
    /// The user name and password, percent-encoded; `nil` if the URL has neither.
    package let user: UserInfo?
    /// The fragment, percent-encoded and without its `#`; `nil` if the URL has none.
    package let fragment: [UInt8]?

    /// A user name and a password, percent-encoded; either may be empty.
    package struct UserInfo: Sendable, Hashable {
        /// The user name.
        package var name: [UInt8] = []
        /// The password.
        package var password: [UInt8] = []

        /// Creates a user name and a password, which must be percent-encoded already.
        package init(name: [UInt8] = [], password: [UInt8] = []) {
            (self.name, self.password) = (name, password)
        }
    }

    /// Reads a URL, or a reference that is resolved against a base.
    ///
    /// For n bytes in `bytes` and `base` together, the time is at most O(n log n). In path, query and
    /// fragment, bytes that are not ASCII are percent-encoded, even if they are not valid UTF-8.
    /// - Throws: The reason why `bytes` is not a URL. Only a fragment can be relative to a `data:` URL.
    package init(reading bytes: Span<UInt8>, against base: WebURL? = nil) throws(WebURLFault) {
        let range = Cleaning.trimmed(bytes)
        let trimmed = bytes.extracting(range)
        var reader = WebURLReader(expecting: trimmed.count)
        if Cleaning.holdsBreaks(trimmed) {
            try reader.read(Cleaning.withoutBreaks(trimmed).span, against: base)
        } else {
            try reader.read(trimmed, against: base)
        }
        self.init(reader)
    }

    private init(_ reader: consuming WebURLReader) {
        scheme = reader.scheme
        port = reader.port
        host = reader.host
        pathStart = reader.pathStart
        user = reader.user
        fragment = reader.fragment
        text = reader.text
    }

    /// Creates a URL without user and fragment; the parts are not checked.
    package init(scheme: Scheme, port: UInt16, text: [UInt8], host: Range<Int>, pathStart: Int) {
        self.scheme = scheme
        self.port = port
        self.text = text
        self.host = host
        self.pathStart = pathStart
        user = nil
        fragment = nil
    }

    /// The whole URL: the `href` of the standard.
    package var href: [UInt8] {
        var href = text
        if let fragment { href += [UInt8(ascii: "#")] + fragment }
        guard let user else { return href }
        var info = user.name
        if !user.password.isEmpty { info += [UInt8(ascii: ":")] + user.password }
        info.append(UInt8(ascii: "@"))
        href.insert(contentsOf: info, at: scheme == .http ? 7 : 8)
        return href
    }
}
