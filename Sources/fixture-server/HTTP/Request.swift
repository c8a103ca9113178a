// SPDX-License-Identifier: MIT
// fetchpool

/// A header field of a request or a response; a received value has no white space at its ends.
struct HeaderField {
    let name: String
    let value: String
}

/// One complete request: the head, and the kept part of the body.
struct Request {
    /// The largest number of bytes of a body that are kept; the rest is read and dropped.
    static let keptBodyBytes = 1 << 20

    let method: String
    /// The request target as received.
    ///
    /// It is a path (perhaps with a query), an absolute URL sent to a proxy, or `*`.
    let target: String
    /// False for HTTP/1.0.
    let isVersion11: Bool
    /// The lines after the request line, without the empty line.
    let headerBytes: ArraySlice<UInt8>
    var keepsAlive: Bool
    /// The name of the server in the request, with the port if there is one; empty if the request names none.
    var host = ""
    /// The body, or its first `keptBodyBytes` bytes.
    var body: [UInt8] = []
    /// The length of the whole body, in bytes.
    var bodyLength = 0
    /// The number of this request on its connection, from 1.
    var ordinal = 1

    /// The path without the query; for an absolute URL, also without scheme and authority.
    var path: Substring {
        var rest = target[...]
        if let scheme = target.utf8.firstIndex(of: UInt8(ascii: ":")), target.hasPrefix("http") {
            let authority = target[scheme...].dropFirst(3)
            rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
        }
        return rest.utf8.firstIndex(of: UInt8(ascii: "?")).map { rest[..<$0] } ?? rest
    }

    /// The host of a target that is a URL, with the port if there is one; empty for other targets.
    var targetAuthority: String {
        guard target.hasPrefix("http"), let colon = target.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            return ""
        }
        return String(target[colon...].dropFirst(3).prefix { $0 != "/" && $0 != "?" })
    }

    /// The header fields, in the order received.
    var fields: [HeaderField] {
        headerBytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return HeaderField(
                name: String(decoding: line[..<colon], as: UTF8.self),
                value: String(decoding: trimmed(line[(colon + 1)...]), as: UTF8.self)
            )
        }
    }
}

/// Returns `line` without spaces and tabs at both ends, and without carriage returns at its end.
func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let first = line.first, first == 0x20 || first == 0x09 { line.removeFirst() }
    while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
    return line
}
