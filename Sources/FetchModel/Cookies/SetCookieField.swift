// SPDX-License-Identifier: MIT
// fetchpool

/// The parsed value of a `Set-Cookie` field (RFC 6265 §5.2).
///
/// An unreadable `Expires` or `Max-Age` is ignored, and so are unknown attributes such as `SameSite`. If an
/// attribute occurs more than once, the last occurrence that is not ignored counts.
struct SetCookieField {
    private(set) var name: [UInt8] = []
    private(set) var value: [UInt8] = []
    /// The domain, in lower case and without a leading dot; empty if there is no domain.
    private(set) var domain: [UInt8] = []
    /// The path; `nil` if it is missing, does not begin with a slash, or contains a tab.
    private(set) var path: [UInt8]?
    private(set) var isSecure = false
    private(set) var isHTTPOnly = false
    private var date: Int?
    private var age: Int?

    /// The latest expiry: the end of the year 9999, in seconds since 1970.
    private static let lastSecond = 253_402_300_799
    /// The largest size of an attribute's value, in bytes; an attribute with a longer value is ignored.
    private static let maxAttributeBytes = 1_024

    /// Parses a field; `nil` if the field is refused.
    ///
    /// A field is refused if it contains a control character other than a tab. A field is also refused if its
    /// cookie has no name, or has a tab in the name or the value. The name and the value together must have
    /// at most `Cookie.maxBytes` bytes.
    init?(_ field: [UInt8]) {
        guard !field.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else { return nil }
        var parts = field.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
        guard let pair = parts.popFirst(), let sign = pair.firstIndex(of: UInt8(ascii: "=")) else {
            return nil
        }
        name = Self.trimmed(pair[..<sign])
        value = Self.trimmed(pair[(sign + 1)...])
        // In a cookie file, a tab in the name or the value would end the column.
        guard !name.isEmpty, name.count + value.count <= Cookie.maxBytes, !name.contains(0x09),
            !value.contains(0x09)
        else { return nil }
        for part in parts { takeAttribute(part) }
    }

    private mutating func takeAttribute(_ part: ArraySlice<UInt8>) {
        let sign = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
        let value = Self.trimmed(part[sign...].dropFirst())
        guard value.count <= Self.maxAttributeBytes else { return }
        switch String(decoding: Self.trimmed(part[..<sign]).map(ASCIIByte.lower), as: UTF8.self) {
        case "expires": if let seconds = CookieDate.seconds(value) { date = seconds }
        case "max-age": if let seconds = Self.age(value) { age = seconds }
        case "domain":
            domain = value.map(ASCIIByte.lower)
            if domain.first == UInt8(ascii: ".") { domain.removeFirst() }
        case "path":
            let isUsable = value.first == UInt8(ascii: "/") && !value.contains(0x09)
            path = isUsable ? value : nil
        case "secure": isSecure = true
        case "httponly": isHTTPOnly = true
        default: break
        }
    }

    /// Returns the number of seconds in a text, at most `lastSecond`.
    ///
    /// The result is 0 for a negative number, and `nil` if the text is no whole number.
    private static func age(_ text: [UInt8]) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy(ASCIIByte.isDigit) else { return nil }
        return isNegative ? 0 : digits.reduce(0) { min($0 * 10 + Int($1 & 15), lastSecond) }
    }

    /// Returns the time at which the cookie expires, in seconds since 1970; `nil` for the end of the session.
    ///
    /// If the field has both `Max-Age` and `Expires`, `Max-Age` counts. The result is at least 1, because 0
    /// in a cookie file means the end of the session.
    func expiry(at now: Int) -> Int? {
        guard let age else { return date.map { min(max($0, 1), Self.lastSecond) } }
        return age == 0 ? 1 : min(now + age, Self.lastSecond)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Array(bytes)
    }
}
