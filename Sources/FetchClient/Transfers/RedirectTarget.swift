// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The URL that a redirect leads to (Fetch Standard, "location URL").
struct RedirectTarget: Hashable {
    /// The URL, without fragment.
    let url: TargetURL
    /// The user name and password that it names, for the scheme Basic (RFC 7617 §2); `nil` if it names none.
    let credentials: [UInt8]?

    /// Reads the value of `Location` in the response of `base`, as a link of a page is read.
    ///
    /// Bytes beyond ASCII are kept, whether or not they are UTF-8, as browsers do.
    /// - Throws: `TaskError` of class `scheme` for another scheme than http and https, and `redirects` for
    ///   what is no URL.
    init(_ location: [UInt8], from base: TargetURL) throws(TaskError) {
        var reference = RedirectReference(location)
        if let scheme = reference.otherScheme {
            let message = "a redirect leads to a scheme other than http and https: \(scheme)"
            throw TaskError(.scheme, message)
        }
        credentials = reference.takeCredentials(relativeTo: base.scheme)
        let url = URLReference.resolve(reference.bytes.span, against: base)
        guard let url = url ?? HostSpelling.resolve(reference.bytes, against: base) else {
            throw TaskError(.redirects, "a redirect leads to something that is no URL: \(reference.excerpt)")
        }
        self.url = url
    }
}

/// The value of `Location` on its way to a URL.
private struct RedirectReference {
    private(set) var bytes: [UInt8]
    /// The index behind the scheme's colon; 0 without a scheme.
    private let schemeEnd: Int

    /// Drops what the URL Standard drops in front of and inside a URL.
    init(_ location: [UInt8]) {
        let start = location.firstIndex { $0 > 0x20 } ?? location.endIndex
        bytes = location[start...].filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        if String(validating: bytes, as: UTF8.self) == nil {
            bytes = bytes.flatMap {
                $0 < 0x80 ? [$0] : Array("%\(String($0, radix: 16, uppercase: true))".utf8)
            }
        }
        let name = bytes.prefix { Self.isSchemeByte($0) }
        let isScheme =
            name.first.map { 0x61...0x7A ~= $0 | 0x20 } ?? false && name.endIndex < bytes.endIndex
            && bytes[name.endIndex] == UInt8(ascii: ":")
        schemeEnd = isScheme ? name.endIndex + 1 : 0
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The scheme in lower case; `nil` without one.
    private var scheme: String? {
        schemeEnd == 0 ? nil : String(decoding: bytes[..<(schemeEnd - 1)], as: UTF8.self).lowercased()
    }

    /// The scheme if it is not followed, not longer than 32 characters.
    var otherScheme: String? {
        guard let scheme, scheme != "http", scheme != "https" else { return nil }
        return String(scheme.prefix(32))
    }

    /// Takes user name and password out, which stand in front of the last `@` of what names the host.
    mutating func takeCredentials(relativeTo base: TargetURL.Scheme) -> [UInt8]? {
        let slashes = bytes[schemeEnd...].prefix { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        let isOfBase = scheme == nil || scheme == (base == .http ? "http" : "https")
        guard slashes.count >= 2 || !isOfBase else { return nil }
        let authority = bytes[slashes.endIndex...].prefix { !"/\\?#".utf8.contains($0) }
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let named = authority[..<at]
        bytes.removeSubrange(authority.startIndex...at)
        let colon = named.firstIndex(of: UInt8(ascii: ":")) ?? named.endIndex
        let user = Self.decoded(named[..<colon])
        let password = Self.decoded(named[colon...].dropFirst())
        return user.isEmpty && password.isEmpty ? nil : user + [UInt8(ascii: ":")] + password
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var (bytes, rest) = ([UInt8](), text)
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.first != "+", digits.first != "-",
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// The beginning, for a message.
    var excerpt: String {
        let part = bytes.prefix(100).map { 0x21...0x7E ~= $0 ? $0 : UInt8(ascii: "?") }
        return String(decoding: part, as: UTF8.self) + (bytes.count > 100 ? "…" : "")
    }
}
