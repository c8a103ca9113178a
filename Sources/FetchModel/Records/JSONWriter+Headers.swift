// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONWriter {
    /// Writes the header fields of a response as the member `headers`.
    ///
    /// The member is an array of objects with the members `name` and `value`, so fields with the same name
    /// keep their order. The value of a cookie may give access to a session, so `removedValue` replaces it.
    package mutating func recordHeaders(_ fields: [HeaderField]) {
        name("headers")
        beginArray()
        for field in fields {
            beginObject()
            name("name")
            string(field.name)
            name("value")
            string(field.setsCookie ? HeaderField.withoutCookieValue(field.value) : field.value)
            endObject()
        }
        endArray()
    }
}

extension HeaderField {
    /// The text in place of the value of a cookie.
    package static let removedValue = "[removed]"

    /// True if the field sets a cookie (RFC 6265 §4.1, RFC 2965 §3.2.2); the name must be in lower case.
    ///
    /// Some servers write blanks between the name and the colon, and some clients ignore these blanks.
    fileprivate var setsCookie: Bool {
        var name = name[...]
        while let last = name.last, last == " " || last == "\t" { name.removeLast() }
        return name == "set-cookie" || name == "set-cookie2"
    }

    /// Returns the value of a `Set-Cookie` field without the value of its cookie.
    ///
    /// Semicolons separate the parts of the field. In the first part, `removedValue` replaces the text after
    /// the first `=`. A first part without `=` is replaced as a whole, because some clients read it as a
    /// value without a name. Each later part that is no attribute is also replaced: it may belong to a value
    /// in quotes, or to a second cookie.
    fileprivate static func withoutCookieValue(_ value: String) -> String {
        let parts = value.split(separator: ";", omittingEmptySubsequences: false)
        let name = parts[0].firstIndex(of: "=").map { parts[0][...$0] } ?? ""
        let rest = parts.dropFirst().map { isAttribute($0) ? $0 : removedValue[...] }
        return ([name + removedValue] + rest).joined(separator: ";")
    }

    /// The attributes of cookies, in lower case (draft-ietf-httpbis-rfc6265bis, RFC 2965 §3.2.2).
    ///
    /// The empty text stands for a part without text. `partitioned` and `priority` are additions of browsers.
    private static let cookieAttributes: Set = [
        "", "comment", "commenturl", "discard", "domain", "expires", "httponly", "max-age", "partitioned",
        "path", "port", "priority", "samesite", "secure", "version",
    ]

    /// Returns true if a part of a cookie is one attribute.
    ///
    /// A comma can begin a second cookie, so only `Expires` may contain a comma: the comma in its date.
    private static func isAttribute(_ part: Substring) -> Bool {
        let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = pair[0].filter { $0 != " " && $0 != "\t" }.lowercased()
        guard cookieAttributes.contains(name), pair.count == 1 || !name.isEmpty else { return false }
        return part.utf8.count { $0 == UInt8(ascii: ",") } <= (name == "expires" ? 1 : 0)
    }
}
