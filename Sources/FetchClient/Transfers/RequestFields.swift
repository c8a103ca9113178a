// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The fields of a request: its cookies, and all others.
///
/// Cookies are apart since a request has one line of them (RFC 6265 §5.4): those of the user, and those that a redirect sets.
struct RequestFields {
    /// All fields but `Cookie`, in the order given.
    let others: [HeaderField]
    /// The values of `Cookie` in one; `nil` if there is none.
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

    /// True if codings of the body are undone where fields are sent; nil if the fields do not say.
    static func undoesCodings(_ fields: [HeaderField]) -> Bool? {
        let values = fields.filter { $0.name.lowercased() == "accept-encoding" }.map(\.value)
        return values.isEmpty ? nil : !values.allSatisfy(ContentCoding.areRefused)
    }

    /// These and `common` fields, but for those that have a name of these.
    func others(over common: [HeaderField]) -> [HeaderField] {
        let names = Set(others.map { $0.name.lowercased() })
        return others + common.filter { !names.contains($0.name.lowercased()) }
    }
}
