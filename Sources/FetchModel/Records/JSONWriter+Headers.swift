// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONWriter {
    /// Writes the header fields of a response as the member `headers`.
    ///
    /// The member is an array of objects with the members `name` and `value`, so that its type is the same for
    /// all responses, and a field that occurs several times keeps its place. The value of a cookie is left
    /// out, because whoever has the value has the session.
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

    /// True if the field sets a cookie (RFC 6265 §4.1, RFC 2965 §3.2.2); the name is in lower case.
    fileprivate var setsCookie: Bool { name == "set-cookie" || name == "set-cookie2" }

    /// Returns the value of a `Set-Cookie` field without the value of its cookie.
    ///
    /// A cookie without a name has only a value (RFC 6265 §5.2).
    fileprivate static func withoutCookieValue(_ value: String) -> String {
        let end = value.firstIndex(of: ";") ?? value.endIndex
        let pair = value[..<end]
        let name = pair.firstIndex(of: "=").map { pair[...$0] } ?? ""
        return name + removedValue + value[end...]
    }
}
