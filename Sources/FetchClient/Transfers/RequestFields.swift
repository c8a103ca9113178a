// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The header fields of a request, divided into the cookies and the other fields.
///
/// A request has only one `Cookie` field (RFC 6265 §5.4), for the cookies of the user, of redirects and of a
/// session (`SessionCookies`).
struct RequestFields {
    /// All fields except `Cookie`, in the given order.
    let others: [HeaderField]
    /// The values of all `Cookie` fields, joined by semicolons; `nil` if there are none.
    let cookie: [UInt8]?

    init(_ fields: [HeaderField]) {
        let cookies = fields.filter { $0.name.lowercased() == "cookie" }
        guard !cookies.isEmpty else {
            (others, cookie) = (fields, nil)
            return
        }
        others = fields.filter { $0.name.lowercased() != "cookie" }
        cookie = Array(cookies.map(\.value).joined(separator: "; ").utf8)
    }

    /// Returns true if the fields ask for a part of a body and name no codings.
    ///
    /// `Accept-Encoding: identity` is added to such fields (Fetch Standard, "HTTP-network-or-cache fetch"). A
    /// part of an encoded body can begin in the middle of the encoded data, and then cannot be decoded.
    static func needIdentity(_ fields: [HeaderField]) -> Bool {
        fields.contains { $0.name.lowercased() == "range" } && undoesCodings(fields) == nil
    }

    /// Returns true if the client must decode the responses to requests with these fields.
    ///
    /// The result is `nil` if there is no `Accept-Encoding` field.
    static func undoesCodings(_ fields: [HeaderField]) -> Bool? {
        let values = fields.filter { $0.name.lowercased() == "accept-encoding" }.map(\.value)
        return values.isEmpty ? nil : !values.allSatisfy(ContentCoding.areRefused)
    }

    /// The field that asks for a body without codings.
    static let identity = HeaderField(name: "Accept-Encoding", value: "identity")

    /// Returns `others`, and those fields of `common` whose names do not occur in `others`.
    func others(over common: [HeaderField]) -> [HeaderField] {
        let names = Set(others.map { $0.name.lowercased() })
        return others + common.filter { !names.contains($0.name.lowercased()) }
    }
}
