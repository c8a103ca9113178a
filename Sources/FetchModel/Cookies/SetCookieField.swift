// SPDX-License-Identifier: MIT
// fetchpool

/// The value of a field `Set-Cookie`, taken apart (RFC 6265 §5.2).
///
/// Of an attribute that stands there twice the last counts. Attributes that are not known, such as
/// `SameSite`, are passed over.
struct SetCookieField {
    private(set) var name: [UInt8] = []
    private(set) var value: [UInt8] = []
    /// Without a dot in front, in lower case; empty if none is named.
    private(set) var domain: [UInt8] = []
    /// `nil` if none is named that begins with a slash.
    private(set) var path: [UInt8]?
    private(set) var isSecure = false
    private(set) var isHTTPOnly = false
    private var date: Int?
    private var age: Int?

    /// The latest time that is kept, the end of the year 9999, so that every number of seconds fits
    /// everywhere.
    private static let lastSecond = 253_402_300_799
    /// The most bytes of an attribute's value; a longer one is passed over.
    private static let maxAttributeBytes = 1_024

    /// Takes a field apart; `nil` if it sets no cookie: without a name, too long, or with a control
    /// character.
    init?(_ field: [UInt8]) {
        guard !field.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else { return nil }
        var parts = field.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
        guard let pair = parts.popFirst(), let sign = pair.firstIndex(of: UInt8(ascii: "=")) else {
            return nil
        }
        name = Self.trimmed(pair[..<sign])
        value = Self.trimmed(pair[(sign + 1)...])
        // A tab inside would be the end of a column in a file of cookies.
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

    /// The number of seconds that a text spells: 0 for any below; `nil` if it is no number.
    private static func age(_ text: [UInt8]) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy(ASCIIByte.isDigit) else { return nil }
        return isNegative ? 0 : digits.reduce(0) { min($0 * 10 + Int($1 & 15), lastSecond) }
    }

    /// The time at which the cookie ends; `nil` for the end of the session.
    ///
    /// `Max-Age` counts before `Expires`.
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
