// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONWriter {
    /// Writes the header fields of a response as the member `headers`.
    ///
    /// The member is an array of objects with the members `name` and `value`. So its type is the same for all
    /// responses, and it can hold several fields with the same name in their order. `removedValue` replaces
    /// the values of cookies, because they give access to a session.
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

    /// True if the field sets a cookie (RFC 6265 §4.1, RFC 2965 §3.2.2).
    ///
    /// The names of the fields of responses are in lower case.
    fileprivate var setsCookie: Bool { name == "set-cookie" || name == "set-cookie2" }

    /// Returns the value of a `Set-Cookie` field without the value of its cookie.
    ///
    /// Without a `=`, all text before the first `;` is removed: some clients take it for a value without a
    /// name.
    fileprivate static func withoutCookieValue(_ value: String) -> String {
        let end = value.firstIndex(of: ";") ?? value.endIndex
        let pair = value[..<end]
        let name = pair.firstIndex(of: "=").map { pair[...$0] } ?? ""
        return name + removedValue + value[end...]
    }
}
