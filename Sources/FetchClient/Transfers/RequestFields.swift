// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The fields of a request, with its cookies apart from the others.
///
/// The cookies are apart since a request has only one line of cookies (RFC 6265 §5.4): the user's, and those
/// set by redirects.
struct RequestFields {
    /// All fields except `Cookie`, in the given order.
    let others: [HeaderField]
    /// The values of all `Cookie` fields, joined; `nil` if there are none.
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

    /// Returns true if the client must decode bodies of requests with these fields; nil if no field decides
    /// that.
    static func undoesCodings(_ fields: [HeaderField]) -> Bool? {
        let values = fields.filter { $0.name.lowercased() == "accept-encoding" }.map(\.value)
        return values.isEmpty ? nil : !values.allSatisfy(ContentCoding.areRefused)
    }

    /// Returns these fields, and those of `common` whose names are not among them.
    func others(over common: [HeaderField]) -> [HeaderField] {
        let names = Set(others.map { $0.name.lowercased() })
        return others + common.filter { !names.contains($0.name.lowercased()) }
    }
}
